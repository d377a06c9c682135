using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

public sealed class SqlServerConnectionTests
{
    [TestCase("Server=s;Database=d;User Id=u;Password=p")]
    [TestCase("Server=s;Database=d;User Id=u;Password=p;Encrypt=Strict")]
    [TestCase("Server=s;Database=d;User Id=u;Password=p;Encrypt=True;TrustServerCertificate=True")]
    public void An_encrypted_connection_can_be_used(string text) =>
        Assert.That(SqlServerConnection.FaultOf(text), Is.Null);

    [TestCase("Server=s;Encrypt=False", "Encrypt=False or Optional")]
    [TestCase("Server=s;Encrypt=Optional", "Encrypt=False or Optional")]
    [TestCase("Server=s;Password=se;cret", "can't be read")]
    [TestCase("Server=s;Connect Timeout=soon", "can't be read")]
    public void What_can_t_be_used_is_refused_with_the_reason(string text, string reason) =>
        Assert.That(SqlServerConnection.FaultOf(text), Does.Contain(reason).And.Not.Contain("cret"));

    [Test]
    public async Task It_is_refused_at_start()
    {
        await using var app = Program.Build([
            "--environment=Development",
            "--Database:Provider=SqlServer",
            "--ConnectionStrings:Gateway=Server=s;Encrypt=False"
        ]);
        Assert.That(
            () => Settings.Validate(app.Services),
            Throws.TypeOf<SettingsException>().With.Message.Contains("Encrypt=False"));
    }

    [Test]
    public void Time_outs_are_the_gateway_s_unless_the_connection_string_has_its_own()
    {
        Assert.That(Of("Server=s"), Does.Contain("Connect Timeout=3").And
            .Contain("Command Timeout=3").And
            .Contain("Application Name=Quiva.Gateway"));
        Assert.That(
            Of("Server=s;Connect Timeout=2;Command Timeout=4;Application Name=x"),
            Does.Contain("Connect Timeout=2").And.Contain("Command Timeout=4").And.Contain("Application Name=x"));

        static string Of(string text) =>
            SqlServerConnection.Of(new() { Provider = DatabaseProvider.SqlServer, ConnectionString = text });
    }
}
