using Microsoft.Data.SqlClient;

namespace Quiva.Gateway.Data;

/// <summary>The connection string of SQL Server: what the gateway adds to it, and what it can't work with.</summary>
internal static class SqlServerConnection
{
    /// <summary>Why a connection string can't be used, without any of its values; null when it can.</summary>
    /// <param name="connectionString">What <c>ConnectionStrings:Gateway</c> holds.</param>
    public static string? FaultOf(string connectionString)
    {
        SqlConnectionStringBuilder builder;
        try
        {
            builder = new(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException
            or InvalidOperationException)
        {
            // The exception quotes what it could not read, which may be a part of the password.
            return "ConnectionStrings:Gateway is not a connection string of SQL Server: a keyword or a value in it can't be read.";
        }

        // With SqlClient 7.1.0 on Linux a large nvarchar(max) can't be read over a connection without encryption.
        return builder.Encrypt == SqlConnectionEncryptOption.Optional
            ? "ConnectionStrings:Gateway has Encrypt=False or Optional. The gateway needs an encrypted connection: tokens cross it, and "
                + "SqlClient on Linux fails to read large values without encryption. Leave Encrypt out; a server with a certificate "
                + "of its own making also needs TrustServerCertificate=True."
            : null;
    }

    /// <summary>The connection string with the gateway's time-outs and name, unless it has its own.</summary>
    /// <param name="options">The settings.</param>
    public static string Of(DatabaseOptions options)
    {
        var builder = new SqlConnectionStringBuilder(options.ConnectionString)
        {
            // A pool that remembers a failure for up to a minute would keep answering 503 after the server is back.
            PoolBlockingPeriod = PoolBlockingPeriod.NeverBlock,
        };
        if (!builder.ShouldSerialize("Connect Timeout"))
        {
            builder.ConnectTimeout = options.TimeoutSeconds;
        }

        if (!builder.ShouldSerialize("Connect Retry Interval"))
        {
            // A lost connection of the pool is opened again at once or not at all: 10 seconds, the default, outlast
            // every caller.
            builder.ConnectRetryInterval = 1;
        }

        if (!builder.ShouldSerialize("Command Timeout"))
        {
            builder.CommandTimeout = options.TimeoutSeconds;
        }

        if (!builder.ShouldSerialize("Application Name"))
        {
            builder.ApplicationName = "Quiva.Gateway";
        }

        return builder.ConnectionString;
    }
}
