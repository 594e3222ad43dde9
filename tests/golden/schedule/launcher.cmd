@echo off
if not defined CODEX_HOME set "CODEX_HOME=D:\100%% codex"
"C:\Program Files\nodejs\node.exe" "C:\Users\Ann O'Neil & Söhne\.memory-sync\bin\memory-sync.mjs" %*
