using System.Collections.ObjectModel;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Quiva.Gateway.Data;

namespace Quiva.Gateway.Security;

/// <summary>
/// Where ASP.NET Core Data Protection keeps its keys: in the database, each sealed by the certificate or the master
/// key.
/// </summary>
public sealed class KeyRingStore(Database database, TimeProvider time) : IXmlRepository
{
    internal static readonly Sql ListSql = "select xml from data_protection_keys order by name";

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements() =>
        new ReadOnlyCollection<XElement>([.. database.QueryAsync<string>(ListSql)
            .GetAwaiter()
            .GetResult()
            .Select(XElement.Parse)]);

    internal static readonly Sql InsertSql =
        "insert into data_protection_keys (name, xml, created_at) values (@name, @xml, @now)";

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) => database.InTransactionAsync(
        transaction => transaction.ExecuteAsync(
            InsertSql, new
            {
                name = friendlyName,
                xml = element.ToString(SaveOptions.DisableFormatting),
                now = time.GetUtcNow()
            }, CancellationToken.None),
        CancellationToken.None).GetAwaiter().GetResult();

    internal static readonly Sql ListAfterSql =
        "select name, xml from data_protection_keys where name > @after order by name";

    /// <summary>The keys that follow a name.</summary>
    internal Task<List<StoredKey>> ListAfterAsync(string after, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredKey>(ListAfterSql, new { after }, cancellationToken);

    internal static readonly Sql ReplaceSql = "update data_protection_keys set xml = @xml where name = @name";

    /// <summary>
    /// Puts an element in place of the one of that name: the same key, sealed by another master key or certificate.
    /// </summary>
    internal Task ReplaceAsync(
        string name,
        XElement element,
        Caller actor,
        CancellationToken cancellationToken) => database.InTransactionAsync(
        async transaction =>
        {
            await transaction.AppendAsync(
                new(
                    actor.Account,
                    SubjectOf(name),
                    "resealed",
                    actor.Actor,
                    time.GetUtcNow(),
                    ["xml"]), cancellationToken);
            return await transaction.ExecuteAsync(
                ReplaceSql, new { name, xml = element.ToString(SaveOptions.DisableFormatting) }, cancellationToken);
        },
        cancellationToken);

    internal static string SubjectOf(string name) => "gateway.key-ring." + name;
}

/// <summary>An element of the key ring as stored.</summary>
internal sealed class StoredKey
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The element.</summary>
    public string Xml { get; init; } = "";
}
