using Quiva.Gateway.Tests.Contract;

namespace Quiva.Gateway.Tests;

/// <summary>
/// Lines stay as wide as a screen shows them. What is left is for tables and for texts that breaking would hurt.
/// </summary>
public sealed class LineWidthTests
{
    [TestCase(120, 3)]
    [TestCase(140, 1.2)]
    public void Few_lines_are_wide(int width, double mostPercent)
    {
        var lines = Sources().SelectMany(File.ReadLines).ToList();
        var wide = lines.Count(line => line.Length > width);
        var worst = Sources()
            .OrderByDescending(file => File.ReadLines(file).Count(line => line.Length > width))
            .Take(5);
        Assert.That(
            100.0 * wide / lines.Count,
            Is.LessThanOrEqualTo(mostPercent),
            $"{wide} of {lines.Count} lines are longer than {width}. Most of them are in {string.Join(", ", worst.Select(Path.GetFileName))}.");
    }

    private static IEnumerable<string> Sources() =>
        new[] { "build", "src", "tests" }
            .SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(CheckedIn.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(
                file => !file.Split(Path.DirectorySeparatorChar).Any(step => step is "obj" or "bin" or "node_modules"));
}
