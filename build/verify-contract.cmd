@echo off
rem Checks that the contract, the code generated from it and the server agree.
rem With --json it prints an array of findings, with --github annotations of a pull request.
rem Exit codes: 0 they agree, 1 something drifted (standard output says what and how to mend it), 2 the checks could not run.
setlocal
for %%i in ("%~dp0..") do set "root=%%~fi"
set "tool=%root%\build\Quiva.Gateway.ContractChecks"
set "stale="
set "log=%TEMP%\verify-contract-%RANDOM%%RANDOM%.log"

dotnet build "%tool%" -p:ContractLocked=leave -v:quiet --nologo > "%log%" 2>&1 && goto run
findstr /c:": error " "%log%" || type "%log%"
findstr /c:"error CONTRACT" "%log%" > nul && set "stale=1"
del "%log%"
if defined stale exit /b 1
echo The contract checks could not run: the build failed. 1>&2
exit /b 2

:run
del "%log%"
dotnet "%tool%\bin\Debug\net10.0\Quiva.Gateway.ContractChecks.dll" verify "%root%" %*
exit /b %ERRORLEVEL%
