using System.Reflection;
using Quiva.Gateway.Client;

namespace Quiva.Gateway.Tests.Clients;

/// <summary>The C# clients of one caller, which note what is called of them.</summary>
internal sealed class ClientCaller(HttpClient http, ISet<string> called)
{
    public ICollectionsClient Collections { get; } = Noting<ICollectionsClient>(new CollectionsClient(http), called);

    public INodesClient Nodes { get; } = Noting<INodesClient>(new NodesClient(http), called);

    public IApiKeysClient ApiKeys { get; } = Noting<IApiKeysClient>(new ApiKeysClient(http), called);

    public IProvidersClient Providers { get; } = Noting<IProvidersClient>(new ProvidersClient(http), called);

    public IWorkflowsClient Workflows { get; } = Noting<IWorkflowsClient>(new WorkflowsClient(http), called);

    public IOauthClient Oauth { get; } = Noting<IOauthClient>(new OauthClient(http), called);

    private static T Noting<T>(T client, ISet<string> called)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, NotingProxy>();
        ((NotingProxy)(object)proxy).Note(client, called);
        return proxy;
    }
}

/// <summary>Stands before a client. The runtime derives a class from it.</summary>
public class NotingProxy : DispatchProxy
{
    private object client = null!;
    private ISet<string> called = null!;

    public void Note(object client, ISet<string> called) => (this.client, this.called) = (client, called);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        called.Add(targetMethod!.Name);
        return targetMethod.Invoke(client, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
