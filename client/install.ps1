# Installs memory-sync @VERSION@, the client of the federated-memory server at @URL@, for the user who runs this.
#
#   & ([scriptblock]::Create((irm URL/install.ps1))) -Join CODE     CODE from: federated-memory join --machine NAME
#   ./install.ps1 -Url URL ...                                      the same from a checkout
#
# It needs Windows PowerShell 5.1 or PowerShell 7, and Node 20 or later. It fetches one file and lets that one do
# the rest: what `memory-sync install` sets up below ~/.memory-sync and elsewhere, `memory-sync uninstall` takes out again.
[CmdletBinding()]
param(
    [string] $AiToken = '',
    [string] $SyncToken = '',
    # A code that is exchanged for this machine's own tokens; - asks for it.
    [string] $Join = '',
    [string] $Machine = '',
    [string] $Url = '@URL@',
    # Replaces the program only; everything that is set up stays.
    [switch] $Update,
    # Options of `memory-sync install`, such as '--dry-run'.
    [string[]] $Options = @()
)

function Get-NodePath {
    $places = @(Get-Command -Name 'node' -CommandType Application -All -ErrorAction SilentlyContinue |
            ForEach-Object { $_.Path })
    $patterns = @(
        @($env:ProgramFiles, 'nodejs\node.exe'),
        @($env:NVM_SYMLINK, 'node.exe'),
        @($env:NVM_HOME, 'v*\node.exe'),
        @($env:APPDATA, 'fnm\node-versions\*\installation\node.exe'),
        @($env:LOCALAPPDATA, 'Volta\tools\image\node\*\node.exe'),
        @($env:USERPROFILE, 'scoop\apps\nodejs\current\node.exe')
    )
    foreach ($pattern in $patterns) {
        if (-not $pattern[0]) { continue }
        $path = Join-Path -Path $pattern[0] -ChildPath $pattern[1]
        $places += @(Get-Item -Path $path -ErrorAction SilentlyContinue | ForEach-Object { $_.FullName })
    }
    foreach ($place in $places) {
        $major = & $place -p 'parseInt(process.versions.node)'
        if ($LASTEXITCODE -eq 0 -and [int] $major -ge 20) { return $place }
    }
    throw 'memory-sync needs Node 20 or later: winget install OpenJS.NodeJS.LTS, or https://nodejs.org/en/download'
}

# The built client of a checkout, when this script was not made for a server's own.
function Copy-FromCheckout {
    param([string] $Target)

    if (-not $PSScriptRoot) {
        throw 'This copy of install.ps1 belongs into a checkout; fetch it from your server: irm URL/install.ps1'
    }
    $built = Join-Path -Path (Split-Path -Path $PSScriptRoot -Parent) -ChildPath 'dist/memory-sync.mjs'
    if (-not (Test-Path -LiteralPath $built)) { throw "$built is missing: npm ci, then npm run build" }
    Copy-Item -LiteralPath $built -Destination $Target
}

function Get-FromServer {
    param([string] $Target, [string] $Server, [string] $Digest)

    $protocols = [Net.ServicePointManager]::SecurityProtocol
    [Net.ServicePointManager]::SecurityProtocol = $protocols -bor [Net.SecurityProtocolType]::Tls12
    $source = "$Server/memory-sync.mjs"
    Invoke-WebRequest -UseBasicParsing -MaximumRedirection 0 -Uri $source -OutFile $Target
    $found = (Get-FileHash -Algorithm SHA256 -LiteralPath $Target).Hash.ToLowerInvariant()
    if ($found -ne $Digest) {
        throw "$source is not what this script belongs to (SHA-256 $found instead of $Digest). Nothing was installed; fetch install.ps1 again."
    }
}

# Puts the program in place in one step: a hook may start the one that is there at any moment.
function Install-Program {
    param([string] $Program, [string] $Scratch)

    $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $Program -Parent)
    $new = "$Program.new.$PID"
    Copy-Item -LiteralPath $Scratch -Destination $new
    Move-Item -Force -LiteralPath $new -Destination $Program
}

function Get-SecretJson {
    param([string] $Join, [string] $AiToken, [string] $SyncToken)

    if ($Join -eq '-') {
        $typed = Read-Host -Prompt 'Join code' -AsSecureString
        $Join = (New-Object -TypeName Net.NetworkCredential -ArgumentList '', $typed).Password
    }
    $secrets = @{}
    if ($Join) { $secrets['join'] = $Join }
    if ($AiToken) { $secrets['ai_token'] = $AiToken }
    if ($SyncToken) { $secrets['sync_token'] = $SyncToken }
    return ConvertTo-Json -Compress -InputObject $secrets
}

# A function, so that what is set here ends here: this may run in the person's own session.
function Install-MemorySync {
    Set-StrictMode -Version 2
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $OutputEncoding = [Text.Encoding]::ASCII

    $server = $Url.TrimEnd('/')
    if ($server -notmatch '^https?://.') { throw 'Say where the server is: -Url https://memory.example' }
    # What `make run` serves with everybody knows.
    if (($AiToken -or $SyncToken) -and $AiToken -ne 'dev-token') {
        Write-Warning -Message 'A command line stays in the history, and with it these tokens. A join code avoids that: federated-memory join --machine NAME'
    }
    $node = Get-NodePath
    $userHome = if ($env:USERPROFILE) { $env:USERPROFILE } else { $HOME }
    $folder = if ($env:MEMORY_SYNC_HOME) { $env:MEMORY_SYNC_HOME } else { Join-Path -Path $userHome -ChildPath '.memory-sync' }
    $program = Join-Path -Path $folder -ChildPath 'bin/memory-sync.mjs'
    $digest = '@SHA256@'
    $scratch = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath ('memory-sync-' + [Guid]::NewGuid() + '.mjs')
    try {
        if ($digest.StartsWith('@')) { Copy-FromCheckout -Target $scratch }
        else { Get-FromServer -Target $scratch -Server $server -Digest $digest }
        if ($Update) {
            Install-Program -Program $program -Scratch $scratch
            Write-Output -InputObject "Updated: $program"
            return
        }
        $arguments = @($scratch, 'install', '--tokens-stdin', '--url', $server)
        if ($Machine) { $arguments += @('--machine', $Machine) }
        $arguments += $Options
        # By stdin: other processes can look into arguments. What runs puts itself in place, unless a token is refused or it is
        # only to show what it would do.
        Get-SecretJson -Join $Join -AiToken $AiToken -SyncToken $SyncToken | & $node @arguments
        if ($LASTEXITCODE -ne 0) { throw "memory-sync install ended with exit code $LASTEXITCODE" }
    }
    finally {
        if (Test-Path -LiteralPath $scratch) { Remove-Item -LiteralPath $scratch }
    }
}

Install-MemorySync
