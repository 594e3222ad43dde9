#!/usr/bin/env bash
# Makes dist/federated-memory-<version>-linux-<arch>.tar.gz and its .sha256: the sources as they run, the packages they need, the
# Node that runs them and the built client. The machine it goes to needs neither npm nor Node. Run it with `npm run release`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case $(uname -s)-$(uname -m) in
  Linux-x86_64) arch=x64 ;;
  Linux-aarch64) arch=arm64 ;;
  *)
    echo "Releases are made on Linux, x64 or arm64." >&2
    exit 1
    ;;
esac
version=$(sed -n 's/^  "version": "\(.*\)",*$/\1/p' package.json | head -n 1)
name=federated-memory-$version-linux-$arch

say() { printf '%s\n' "$*" >&2; }

if [ ! -d node_modules/esbuild ]; then
  say "Installs what builds it (npm ci); a few minutes."
  npm ci --no-audit --no-fund --loglevel=error
fi
say "Builds the client and the proxy."
npm run --silent build
staged=$(mktemp -d)
trap 'rm -rf -- "$staged"' EXIT
mkdir -p "$staged/$name/client" "$staged/$name/dist"
cp -R bin contract disk memory-tool server server_content deploy docs package.json package-lock.json \
  README.md SPEC.md SECURITY.md CHANGELOG.md LICENSE "$staged/$name/"
# Tokens of a container on this machine are nobody else's.
rm -f "$staged/$name/deploy/docker/.env"
cp client/install.sh client/install.ps1 "$staged/$name/client/"
cp dist/memory-{sync,proxy}.mjs dist/memory-{sync,proxy}.mjs.sha256 "$staged/$name/dist/"
say "Installs what the server needs, for the release (npm ci --omit=dev); a few minutes."
(cd "$staged/$name" && npm ci --omit=dev --no-audit --no-fund --loglevel=error)
ln -s "../node_modules/node-linux-$arch/bin/node" "$staged/$name/bin/node"
"$staged/$name/bin/node" "$staged/$name/server/main.ts" --version >/dev/null
rm -rf "$staged/$name/node_modules/.cache"

say "Packs it."
# The same sources give the same bytes: order, owners and times are none of the machine's.
time=@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
tar -c --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="$time" -C "$staged" "$name" |
  gzip -n -6 >"dist/$name.tar.gz.new"
mv "dist/$name.tar.gz.new" "dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "dist/$name.tar.gz  $(du -h "dist/$name.tar.gz" | cut -f1)  sha256 $(cut -c1-12 "dist/$name.tar.gz.sha256")…"
