using System.Diagnostics;
using Microsoft.Data.SqlClient;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Quiva.Gateway.Http;
using Quiva.Gateway.Security;

namespace Quiva.Gateway.Tests.Data;

/// <summary>What SqlClient tells of a statement, as it tells it, without a server.</summary>
public sealed class StatementTraceTests
{
    [TestCase("select 'canary'", "statement")]
    [TestCase(null, "ApiKeyStore.ListSql")]
    public void A_statement_is_traced_by_its_name_and_never_by_its_text(string? text, string name)
    {
        var spans = new List<Activity>();
        using (Sdk.CreateTracerProviderBuilder().AddGateway().AddProcessor(new Collecting(spans)).Build())
        {
            using var client = new DiagnosticListener("SqlClientDiagnosticListener");
            using var connection = new SqlConnection("Server=sql.example.com;Database=Gateway");
            using var command = new SqlCommand(text ?? ApiKeyStore.ListSql.SqlServer, connection);
            var id = Guid.NewGuid();
            client.Write(
                "Microsoft.Data.SqlClient.WriteCommandBefore",
                new { OperationId = id, Operation = "ExecuteReader", ConnectionId = id, Command = command });
            client.Write(
                "Microsoft.Data.SqlClient.WriteCommandAfter",
                new { OperationId = id, Operation = "ExecuteReader", ConnectionId = id, Command = command });
        }

        Assert.That(spans, Has.Count.EqualTo(1));
        Assert.That(spans[0].DisplayName, Is.EqualTo(name));
        Assert.That(
            string.Join(' ', spans[0].TagObjects),
            Does.Contain("sql.example.com").And.Not.Contain("canary").And.Not.Contain("select"));
    }

    private sealed class Collecting(List<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Add(data);
    }
}
