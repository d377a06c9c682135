using Quiva.Gateway.Data;

namespace Quiva.Gateway.Tests.Data;

public sealed class SqlServerErrorTests
{
    [Test]
    public void A_server_that_is_there_but_not_ready_is_unavailable([Values(
        615, 701, 802, 913, 922, 924, 926, 927, 945, 952, 976, 978, 983, 1105, 1204, 3906, 3908, 6005, 8645, 8651, 9002, 10922, 10936, 17187, 17197, 18401, 40166)] int number) =>
        Assert.That(SqlServerErrors.IsUnavailable(number, 16));

    [TestCase(17, true)]
    [TestCase(24, true)]
    [TestCase(16, false)]
    public void A_class_from_17_on_is_no_fault_of_the_statement(byte severity, bool unavailable) =>
        Assert.That(SqlServerErrors.IsUnavailable(50001, severity), Is.EqualTo(unavailable));

    // A column that is missing, a value that is too long, a permission, a collation conflict.
    [Test]
    public void A_fault_of_ours_is_told_as_one([Values(207, 208, 229, 468, 2628, 8152)] int number) => Assert.That(
        (SqlServerErrors.IsUnavailable(number, 16), SqlServerErrors.IsLostRace(number, "")), Is.EqualTo(
            (false, false)));

    [TestCase(1205, "was deadlocked", true)]
    [TestCase(2627, "Violation of PRIMARY KEY constraint 'pk_nodes'.", true)]
    [TestCase(547, "The INSERT statement conflicted with the FOREIGN KEY constraint \"fk_nodes_collection\".", true)]
    [TestCase(547, "The INSERT statement conflicted with the CHECK constraint \"ck_changes_kind\".", false)]
    public void Only_what_another_transaction_caused_is_tried_again(int number, string message, bool lost) =>
        Assert.That(SqlServerErrors.IsLostRace(number, message), Is.EqualTo(lost));
}
