using System.Text;
using System.Text.Json;
using Quiva.Gateway.Contract;
using Quiva.Gateway.Workflows.Runs;

namespace Quiva.Gateway.Tests.Runs;

/// <summary>
/// What nobody would send on purpose, wherever a value can stand: a step may refuse it, but nothing else may come of
/// it. An exception of another kind would have its run tried again, and end it as one that can't be processed.
/// </summary>
public sealed class OddValueTests
{
    private static readonly string Deep = new string('[', 60) + new string(']', 60), Long = new('x', 70_000);

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "1.5", "\"\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"NaN\"", "\"-Infinity\"", "\"1e999\"",
        "\"2026-02-30\"", "\"9999-12-31T23:59:59.9999999+14:00\"", "\"0001-01-01\"", "\"$\"", "\"$.\"", "\"$..\"", "\"$[\"", "\"$['\"", "\"$.trigger[99999999999]\"", "\"$.trigger..x..y\"", "\"|\"", "\"$.trigger|\"", "\"{\"",
        "\"{{\"", "\"{}\"", "\"{trigger\"", "\"{{trigger}\"", "\"@\"", "\"@:\"", "\"@fact:\"", "\"(a+)+$\"", "\"[\"", "\"days\"", "[]", "{}", "[null]", "[[],{}]", "{\"\":\"\"}", "{\"\\ud800\":1}", "{\"a\":1,\"a\":2}",
        "{\"operator\":null}", "{\"operator\":\"\\ud800\"}", "{\"operator\":\"+\",\"input\":{}}", "{\"var\":null}", "{\"var\":[]}", Deep, $"\"{Long}\"", $"[{string.Join(',', Enumerable.Range(0, 2000))}]",
    ];

    private static readonly string Trigger =
        $$"""{"a":{"b":[1,{"c":"x"}]},"list":[1,2,3],"odd":"\ud800","deep":{{Deep}},"long":"{{Long}}"}""";

    private static RunGraph Graph(string type, string payload)
    {
        var data = new NodeData { Id = "n", Node_type = type, Payload = Json(payload) };
        return RunGraph.Of(new() { Nodes = [new() { Data = data }], Edges = [] });
    }

    private static RunSession Session(RunGraph graph) => new(
        new() { Account = "a", Id = Guid.NewGuid().ToString() },
        graph,
        [],
        Json($$"""{"headers":{},"trigger":{{Trigger}} }"""));

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text, new() { MaxDepth = 1000 });
        return document.RootElement.Clone();
    }

    private static void Try(string what, Action work, List<string> faults)
    {
        try
        {
            work();
        }
        catch (StepException)
        {
            // Refused in words.
        }
        catch (Exception exception)
        {
            faults.Add(
                $"{what}: {exception.GetType().Name} {string.Join(" < ", exception.StackTrace!.Split('\n').Where(line => line.Contains("Quiva.Gateway.W", StringComparison.Ordinal)).Take(2))}");
        }
    }

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;

    [Test]
    public void Every_operator_of_rules_takes_anything()
    {
        var faults = new List<string>();
        foreach (var name in RuleOperators.All)
        {
            foreach (var first in Values)
            {
                foreach (var rest in new[]
                {
                    "",
                    ",1",
                    ",\"x\"",
                    ",[1,2]",
                    "," + first,
                    ",1," + first,
                    ",\"$.a\",null"
                })
                {
                    var payload =
                        $$"""{"facts":{"x":1},"rules":{"r":{"operator":"{{name}}","input":[{{first}}{{rest}}]} } }""";
                    Try(
                        $"{name} {Short(first)} {Short(rest)}",
                        () => RuleSteps.Rule(Json(payload), DateTimeOffset.UnixEpoch),
                        faults);
                }
            }
        }

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Every_operator_of_JsonLogic_takes_anything()
    {
        var faults = new List<string>();
        foreach (var name in RuleOperators.AllOfLogic)
        {
            foreach (var first in Values)
            {
                foreach (var operands in new[]
                {
                    first,
                    $"[{first}]",
                    $"[{first},1]",
                    $"[{first},{first}]",
                    $"[[1,2],{first}]",
                    $"[1,{first},2]"
                })
                {
                    Try($"{name} {Short(operands)}", () => RuleSteps.Logic(
                        Json($$"""{"data":{{first}},"rules":{"r":{"{{name}}":{{operands}} } } }""")), faults);
                }
            }
        }

        Assert.That(faults, Is.Empty);
    }

    [TestCase("rules")]
    [TestCase("jsonlogic")]
    [TestCase("condition")]
    [TestCase("map")]
    [TestCase("error")]
    public void Every_payload_takes_anything(string type)
    {
        var faults = new List<string>();
        string[] shapes =
        [
            "{0}", "[{0}]", "{{\"rules\":{0}}}", "{{\"rules\":{{\"a\":{0}}},\"facts\":{0},\"data\":{0}}}", "[{{\"condition\":{0},\"outcome\":\"n\"}}]", "[{{\"outcome\":{0},\"outcomeMessage\":{0}}}]",
            "{{\"condition\":{0}}}", "{{\"condition\":\"{{trigger.a}} == \",\"x\":{0}}}", "{{\"status_code\":{0},\"message\":{0}}}", "{{\"operator\":\"jPath\",\"input\":{0}}}",
        ];
        foreach (var payload in shapes.SelectMany(shape =>
            Values.Select(value => string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, value))))
        {
            Try($"{type} {Short(payload)}", () => _ = RunRules.Problems(Graph(type, payload).Config).ToList(), faults);
            var session = Session(Graph(type, payload));
            var node = session.Graph.Nodes[0];
            Try($"{type} {Short(payload)}", () => _ = session.Graph.RootsOf(node), faults);
            Try($"{type} {Short(payload)}", () => _ = type switch
            {
                "rules" =>
                    RuleSteps.Rule(References.Parse(References.Fill(node.Payload, session)), DateTimeOffset.UnixEpoch),
                "jsonlogic" => RuleSteps.Logic(References.Parse(References.Fill(node.Payload, session))),
                "condition" => Condition.Decide(node.Payload, session.Graph, session, DateTimeOffset.UnixEpoch).Output,
                _ => StepAnswer.Shape(session, node, References.Fill(node.Payload, session)),
            }, faults);
        }

        Assert.That(faults, Is.Empty);
    }

    [TestCase("http")]
    [TestCase("integration")]
    public void Every_part_of_a_request_takes_anything(string type)
    {
        var faults = new List<string>();
        string[] shapes =
        [
            "{0}", "{{\"url\":{0}}}", "{{\"url\":\"https://a.example/\",\"base_url\":{0}}}", "{{\"url\":\"https://a.example/|$.trigger.odd\"}}", "{{\"url\":\"$.trigger.long\",\"base_url\":\"https://a.example\",\"x\":{0}}}",
            "{{\"url\":\"https://a.example/\",\"query\":{0},\"params\":{0}}}", "{{\"url\":\"https://a.example/\",\"query\":{{\"q\":{0}}},\"params\":{{\"p\":{0}}}}}", "{{\"url\":\"https://a.example/\",\"headers\":{0}}}",
            "{{\"url\":\"https://a.example/\",\"headers\":{{\"X-A\":{0},\"Content-Type\":{0},\"User-Agent\":{0},\"Cookie\":{0}}}}}", "{{\"url\":\"https://a.example/\",\"method\":{0},\"timeout\":{0}}}",
            "{{\"url\":\"https://a.example/\",\"method\":\"post\",\"data\":{0}}}", "{{\"url\":\"https://a.example/\",\"method\":\"post\",\"data\":{{\"f\":{0}}},\"headers\":{{\"Content-Type\":\"application/x-www-form-urlencoded\"}}}}",
            "{{\"url\":\"https://a.example/\",\"method\":\"post\",\"data\":{0},\"headers\":{{\"content-type\":\"text/plain; charset=\\\"\"}}}}",
        ];
        foreach (var payload in shapes.SelectMany(shape =>
            Values.Select(value => string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, value))))
        {
            var session = Session(Graph(type, payload));
            Try($"{type} {Short(payload)}", () =>
            {
                using var request = HttpCall.Of(
                    session.Run,
                    session.Graph.Nodes[0],
                    References.Fill(session.Graph.Nodes[0].Payload, session)).Request(null);
                Assert.That(request.RequestUri!.Host.Length, Is.GreaterThan(0));
            }, faults);
        }

        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Random_texts_are_references_or_text()
    {
        const string letters = "$.[]'\"*|{}ab0:_- trigger";
        var random = new Random(7);
        var faults = new List<string>();
        var session = Session(Graph("map", "1"));
        for (var i = 0; i < 15_000; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(1, 20); length > 0; length--)
            {
                _ = random.Next(6) == 0 ? text.Append("$.trigger") : text.Append(letters[random.Next(letters.Length)]);
            }

            Try(text.ToString(), () => _ =
                References.Parse(References.Fill(JsonSerializer.SerializeToElement(text.ToString()), session)), faults);
            Try("condition " + text, () => _ = Condition.Decide(
                JsonSerializer.SerializeToElement(new { condition = text + " == " + text }),
                session.Graph,
                session,
                DateTimeOffset.UnixEpoch), faults);
        }

        Assert.That(faults, Is.Empty);
    }
}
