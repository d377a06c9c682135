using System.Buffers.Binary;

namespace Quiva.Gateway.Eval;

/// <summary>What a frame holds.</summary>
internal enum EvalKind : byte
{
    /// <summary>The child is ready.</summary>
    Ready = 1,

    /// <summary>JavaScript, as UTF-8.</summary>
    Code = 2,

    /// <summary>The values that the code sees, as a JSON object.</summary>
    Values = 3,

    /// <summary>What the code has come to, as JSON.</summary>
    Answer = 4,

    /// <summary>Why it has not, as text.</summary>
    Error = 5,

    /// <summary>Why it has not, as text; the child ends.</summary>
    LastError = 6,
}

/// <summary>Frames on a pipe: a kind, four bytes of length (little endian), and as many bytes.</summary>
internal static class EvalFrame
{
    /// <summary>The largest frame, in bytes.</summary>
    public const int Largest = 1024 * 1024;

    private const int HeaderSize = 5;

    /// <summary>Writes a frame.</summary>
    public static void Write(Stream stream, EvalKind kind, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], content.Length);
        stream.Write(header);
        stream.Write(content);
        stream.Flush();
    }

    /// <summary>Reads a frame.</summary>
    /// <returns>Null when the other side has closed the pipe between two frames.</returns>
    /// <exception cref="IOException">The pipe was closed within a frame, or what came is no frame.</exception>
    public static (EvalKind Kind, byte[] Content)? Read(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        var read = stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        if (read == 0)
        {
            return null;
        }

        var size = read < HeaderSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(header[1..]);
        if (size is < 0 or > Largest || header[0] is < (byte)EvalKind.Ready or > (byte)EvalKind.LastError)
        {
            throw new IOException("What came is no frame.");
        }

        var content = new byte[size];
        stream.ReadExactly(content);
        return ((EvalKind)header[0], content);
    }
}
