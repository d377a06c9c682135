using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Quiva.Gateway.Http;

/// <summary>
/// Answers of several megabytes leave in pieces. The serializer asks for one block as long as the JSON that it copies;
/// .NET's shared pool would keep such blocks for each thread and size, and let the garbage collector take them for the
/// program's working set.
/// </summary>
internal static class LargeAnswers
{
    /// <summary>Adds it.</summary>
    /// <param name="app">The application.</param>
    public static IApplicationBuilder UsePiecesForLargeAnswers(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var pieces = new Body(body);
        context.Features.Set<IHttpResponseBodyFeature>(pieces);
        try
        {
            await next(context);
        }
        finally
        {
            context.Features.Set(body);
        }
    });

    private sealed class Body(IHttpResponseBodyFeature inner) : IHttpResponseBodyFeature, IDisposable
    {
        private PieceWriter? writer;

        public Stream Stream => inner.Stream;

        public PipeWriter Writer => writer ??= new PieceWriter(inner.Writer);

        public void DisableBuffering() => inner.DisableBuffering();

        public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

        public Task SendFileAsync(
            string path, long offset, long? count, CancellationToken cancellationToken = default) =>
            inner.SendFileAsync(path, offset, count, cancellationToken);

        public Task CompleteAsync() => inner.CompleteAsync();

        public void Dispose() => writer?.Dispose();
    }
}

/// <summary>Writes blocks that are larger than a piece piece by piece.</summary>
/// <param name="inner">Where they go.</param>
internal sealed class PieceWriter(PipeWriter inner) : PipeWriter, IDisposable
{
    private const int LargestPiece = 64 * 1024;
    private const int LargestKept = 16 * 1024 * 1024;
    private static readonly ArrayPool<byte> Blocks = ArrayPool<byte>.Create(LargestKept, maxArraysPerBucket: 2);

    private byte[]? block;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Dispose();
        return sizeHint <= LargestPiece ? inner.GetMemory(sizeHint) : block = Blocks.Rent(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (block is null)
        {
            inner.Advance(bytes);
            return;
        }

        for (var left = block.AsSpan(0, bytes); left.Length > 0;)
        {
            var piece = left[..Math.Min(left.Length, LargestPiece)];
            piece.CopyTo(inner.GetSpan(piece.Length));
            inner.Advance(piece.Length);
            left = left[piece.Length..];
        }

        Dispose();
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public void Dispose()
    {
        if (block is not null)
        {
            Blocks.Return(block);
            block = null;
        }
    }
}
