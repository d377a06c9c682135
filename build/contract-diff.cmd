@echo off
rem Tells what has changed for callers between two versions of an OpenAPI document: contract-diff OLD NEW, each a file, REV:PATH or REV.
rem --help lists the options. Exit codes: 0, 1 as --fail-on says, 2 a version could not be read.
setlocal
for %%i in ("%~dp0..") do set "root=%%~fi"
set "tool=%root%\build\Quiva.Gateway.ContractChecks"
set "log=%TEMP%\contract-tool-%RANDOM%%RANDOM%.log"

dotnet build "%tool%" -v:quiet --nologo > "%log%" 2>&1 && goto run
type "%log%" 1>&2
del "%log%"
exit /b 2

:run
del "%log%"
dotnet "%tool%\bin\Debug\net10.0\Quiva.Gateway.ContractChecks.dll" diff %*
exit /b %ERRORLEVEL%
