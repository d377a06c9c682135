@echo off
rem Makes the contract the last released version: raises info.version by the size of what has changed, copies the contract to openapi\released,
rem empties openapi\accepted-breaks.yaml, and prints the release note. Exit codes: 0 done, 1 a breaking change is not accepted, 2 it could not run.
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
dotnet "%tool%\bin\Debug\net10.0\Quiva.Gateway.ContractChecks.dll" release "%root%"
exit /b %ERRORLEVEL%
