namespace Quiva.Gateway.Workflows.Runs;

/// <summary>Looks for words in a condition, but not within what is quoted or referred to.</summary>
internal static class ConditionText
{
    /// <summary>The parts of a text between separators.</summary>
    public static List<string> Split(string text, string separator)
    {
        var parts = new List<string>();
        while (Find(text, separator) is var (at, _))
        {
            parts.Add(text[..at]);
            text = text[(at + separator.Length)..];
        }

        parts.Add(text);
        return parts;
    }

    /// <summary>The first of some words, and where it is; null when there is none.</summary>
    public static (int At, string Word)? Find(string text, params ReadOnlySpan<string> words)
    {
        var quote = '\0';
        var depth = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (quote != '\0')
            {
                quote = letter == quote ? '\0' : quote;
                continue;
            }

            if (letter is '\'' or '"')
            {
                quote = letter;
                continue;
            }

            depth += letter is '{' or '[' ? 1 : letter is '}' or ']' ? -1 : 0;
            foreach (var word in words)
            {
                if (depth <= 0 && string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
                {
                    return (at, word);
                }
            }
        }

        return null;
    }
}
