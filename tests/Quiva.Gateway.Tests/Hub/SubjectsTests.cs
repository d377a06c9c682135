using Quiva.Gateway.Collections;

namespace Quiva.Gateway.Tests.Hub;

public sealed class SubjectsTests
{
    // The first four stand side by side in what is published; the rest are test vectors of the hash.
    [TestCase("Client Folder Creation", "4227511847")]
    [TestCase("Request to HTTP node converter", "1009853675")]
    [TestCase("Vertical", "2163944795")]
    [TestCase("Test", "805092869")]
    [TestCase("", "2166136261")]
    [TestCase("a", "3826002220")]
    [TestCase("foobar", "3214735720")]
    public void A_topic_is_the_32_bit_FNV_1a_hash_of_the_name_in_decimal(string name, string topic) =>
        Assert.That(Subjects.TopicFor(name), Is.EqualTo(topic));

    [Test]
    public void The_hash_is_of_the_exact_UTF_8_bytes()
    {
        Assert.That(Subjects.TopicFor("Größe"), Is.Not.EqualTo(Subjects.TopicFor("Gro\u0308ße")));
        Assert.That(
            Subjects.TopicFor("liquid"),
            Is.EqualTo(Subjects.TopicFor("costarring")).And.Not.EqualTo(Subjects.TopicFor("liquid ")));
    }

    [TestCase(null, true, true)]
    [TestCase("draft", true, false)]
    [TestCase("published", false, true)]
    public void Ranges_hold_the_subjects_of_their_kind_and_no_others(string? version, bool hasDrafts, bool hasPublished)
    {
        var range = Subjects.Workflows(version);
        using (Assert.EnterMultipleScope())
        {
            foreach (var topic in new[] { "0", "9", "4294967295" })
            {
                Assert.That(IsIn(range, Subjects.OfWorkflow(topic, topic, draft: true)), Is.EqualTo(hasDrafts));
                Assert.That(IsIn(range, Subjects.OfWorkflow(topic, topic, draft: false)), Is.EqualTo(hasPublished));
            }

            Assert.That(IsIn(Subjects.Collections("node"), Subjects.OfCollection("node", "1")));
            Assert.That(IsIn(Subjects.Collections("node"), Subjects.OfCollection("workflow", "1")), Is.False);
            Assert.That(IsIn(Subjects.Nodes("1"), Subjects.OfNode("1", "2")));
            Assert.That(IsIn(Subjects.Nodes("1"), Subjects.OfNode("11", "2")), Is.False);
        }

        static bool IsIn(SubjectRange range, string subject) =>
            string.CompareOrdinal(subject, range.After) > 0 && string.CompareOrdinal(subject, range.Before) < 0;
    }
}
