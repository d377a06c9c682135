using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

public sealed class DatabaseAdviceTests
{
    [Test]
    public void A_database_without_row_versions_is_advised_to_have_them() =>
        Assert.That(DatabaseAdvice.Of(new() { Level = 160 }), Has.One.Contains("read_committed_snapshot on"));

    [Test]
    public void Each_setting_that_costs_speed_is_named() =>
        Assert.That(
            DatabaseAdvice.Of(new() { Level = 120, Closes = true, Shrinks = true }).ToList(), Has.Count.EqualTo(4));

    [Test]
    public void A_database_that_is_set_up_well_needs_no_advice() =>
        Assert.That(DatabaseAdvice.Of(new() { Snapshot = true, Level = 160 }), Is.Empty);
}
