import { ApiKeysClient, CollectionsClient, NodesClient, OauthClient, ProvidersClient, WorkflowsClient } from './generated.js';
import { Gateway, type GatewayOptions } from './runtime.js';

export * from './generated.js';
export { GatewayError, type CallOptions, type GatewayOptions, type GatewayResponse, type RunWorkflowResponse, type StartedRun } from './runtime.js';

/** The gateway's operations, by the contract's tags. */
export class GatewayClient {
    readonly collections: CollectionsClient;
    readonly nodes: NodesClient;
    readonly workflows: WorkflowsClient;
    readonly oauth: OauthClient;
    readonly providers: ProvidersClient;
    readonly apiKeys: ApiKeysClient;

    /** @throws {TypeError} The address is not safe, or there are two credentials. */
    constructor(options: GatewayOptions) {
        const gateway = new Gateway(options);
        this.collections = new CollectionsClient(gateway);
        this.nodes = new NodesClient(gateway);
        this.workflows = new WorkflowsClient(gateway);
        this.oauth = new OauthClient(gateway);
        this.providers = new ProvidersClient(gateway);
        this.apiKeys = new ApiKeysClient(gateway);
    }
}
