using System.Data;
using Dapper;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

public sealed class BytesHandlerTests
{
    [TestCase(0, 8000)]
    [TestCase(32, 8000)]
    [TestCase(8000, 8000)]
    [TestCase(8001, -1)]
    [TestCase(null, 8000)]
    public void Bytes_of_every_length_go_to_SQL_Server_as_one_type(int? length, int size)
    {
        BytesHandler.Register();
        using var connection = new RecordingConnection();
        connection.Execute("select @bytes", new { bytes = length is { } count ? new byte[count] : null });
        Assert.That(
            (connection.Parameters.Single().SqlDbType, connection.Parameters.Single().Size),
            Is.EqualTo((SqlDbType.VarBinary, size)));
    }

    [Test]
    public async Task Bytes_read_back_as_they_were()
    {
        await using var app = await GatewayApp.StartAsync(DatabaseProvider.Sqlite);
        foreach (var bytes in new[] { [1, 0, 2], new byte[9000], [] })
        {
            Assert.That(await app.Database.FindAsync<byte[]>("select @bytes", new { bytes }), Is.EqualTo(bytes));
        }

        Assert.That(await app.Database.FindAsync<byte[]>("select @bytes", new { bytes = (byte[]?)null }), Is.Null);
    }
}
