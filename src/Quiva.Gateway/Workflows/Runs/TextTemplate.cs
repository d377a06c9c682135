namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Parts a text into references and what stands between them.</summary>
internal static class TextTemplate
{
    /// <summary>A reference, or text.</summary>
    public readonly record struct Part(string Text, ReferencePath? Path);

    /// <summary>The parts of a text; null when it has no reference.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isRoot">Whether a name can be referred to in braces: other braces are text.</param>
    public static List<Part>? Parse(string text, Func<string, bool> isRoot) =>
        text.Contains('$') && Pieces(text) is { } pieces ? pieces : text.Contains('{') ? Braces(text, isRoot) : null;

    // "a|$.b|c"
    private static List<Part>? Pieces(string text)
    {
        var parts = new List<Part>();
        var hasPath = false;
        foreach (var range in text.AsSpan().Split('|'))
        {
            var piece = text[range];
            var path = ReferencePath.ParseDollar(piece);
            hasPath |= path is not null;
            parts.Add(new(piece, path));
        }

        return hasPath ? parts : null;
    }

    // "a {b.c} d", "a {{b.c}} d"
    private static List<Part>? Braces(string text, Func<string, bool> isRoot)
    {
        var parts = new List<Part>();
        var hasPath = false;
        var from = 0;
        for (var open = text.IndexOf('{'); open >= 0; open = text.IndexOf('{', open))
        {
            var isDouble = open + 1 < text.Length && text[open + 1] == '{';
            var start = open + (isDouble ? 2 : 1);
            var close = text.IndexOf(isDouble ? "}}" : "}", start, StringComparison.Ordinal);
            if (close < 0)
            {
                break;
            }

            var inner = text.AsSpan(start, close - start);
            var path = ReferencePath.ParseBare(inner) ?? ReferencePath.ParseDollar(inner);
            if (path is null || !isRoot(path.Root))
            {
                open++;
                continue;
            }

            if (open > from)
            {
                parts.Add(new(text[from..open], null));
            }

            parts.Add(new("", path));
            hasPath = true;
            from = open = close + (isDouble ? 2 : 1);
        }

        if (from < text.Length)
        {
            parts.Add(new(text[from..], null));
        }

        return hasPath ? parts : null;
    }
}
