namespace Quiva.Gateway.Client;

/// <summary>A file to send in a form.</summary>
/// <param name="data">Its bytes, read once.</param>
/// <param name="fileName">The name that the gateway sees.</param>
/// <param name="contentType">Its media type.</param>
public sealed class FileParameter(Stream data, string fileName, string contentType = "application/octet-stream")
{
    /// <summary>Its bytes, read once.</summary>
    public Stream Data { get; } = data;

    /// <summary>The name that the gateway sees.</summary>
    public string FileName { get; } = fileName;

    /// <summary>Its media type.</summary>
    public string ContentType { get; } = contentType;
}

/// <summary>The body of an answer that has none.</summary>
public sealed class NoContent
{
    private NoContent()
    {
    }
}
