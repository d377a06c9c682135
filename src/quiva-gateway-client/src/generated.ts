// Made of the contract by NSwag v14.7.1.0 (NJsonSchema v11.6.1.0 (Newtonsoft.Json v13.0.0.0)). Do not edit: change openapi/gateway.yaml and run 'dotnet build'.
import type { CallOptions, Gateway, GatewayResponse, RunWorkflowResponse } from './runtime.js';
import { GatewayError } from './runtime.js';

/** The operations that the contract has under Collections. */
export class CollectionsClient {
    constructor(private readonly gateway: Gateway) {}

    /**
     * Create a collection
     *
     * Adds an empty folder for either node templates or workflows. The topic in the returned subject is the 32-bit FNV-1a hash of the name, so a second collection of the same type and name is refused.
     * @returns The new collection
     * @throws {GatewayError} 400: The name is missing or the type is not one of the two allowed
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: That type already has a collection with this name, or with another name of the same hash
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    createCollection(
        body: CreateCollectionRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<CreateCollectionResponse>> {
        return this.gateway.call('createCollection', 'POST', 'hub/collections', {
            body,
            signal: options.signal,
        });
    }

    /**
     * List collections
     *
     * Returns the collections of the caller's account, of both types unless one is asked for, ordered by subject; all of them unless there is a limit.
     * @param options.collectionType Kind of collection to list; both are listed without it
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Matching collections, possibly none
     * @throws {GatewayError} 400: The filter could not be turned into a valid subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listCollections(
        options: CallOptions & { collectionType?: CollectionType | undefined; limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<ListCollectionsResponse>> {
        return this.gateway.call('listCollections', 'GET', 'hub/collections', {
            query: { collection_type: options.collectionType, limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Read one collection
     *
     * Looks a collection up by its type and topic.
     * @param collectionType Kind of collection
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param options.ifNoneMatch Entity tags of versions that the caller has, or *: when the stored one is among them, the answer is 304 without a body. Compared weakly (RFC 9110, section 13.1.2).
     * @returns The stored collection
     * @throws {GatewayError} 400: The path does not name a valid collection subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 404: No collection has that subject
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getCollection(
        collectionType: CollectionType,
        collectionTopic: string,
        options: CallOptions & { ifNoneMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<GetCollectionResponse>> {
        return this.gateway.call('getCollection', 'GET', 'hub/collections/{collection_type}/{collection_topic}', {
            path: { collection_type: collectionType, collection_topic: collectionTopic },
            headers: { 'If-None-Match': options.ifNoneMatch },
            signal: options.signal,
        });
    }

    /**
     * Change a collection's description
     *
     * Replaces the description, the only editable field. An empty string clears it; without one nothing but the moment of the change is stored.
     * @param collectionType Kind of collection
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The change was stored
     * @throws {GatewayError} 400: The body has no subject, or another one than the path
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: No collection has that subject
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The account has as much as it may have; nothing was changed
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    updateFlowOrNodeCollection(
        collectionType: CollectionType,
        collectionTopic: string,
        body: UpdateCollectionRequest,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('updateFlowOrNodeCollection', 'PATCH', 'hub/collections/{collection_type}/{collection_topic}', {
            path: { collection_type: collectionType, collection_topic: collectionTopic },
            headers: { 'If-Match': options.ifMatch },
            body,
            signal: options.signal,
        });
    }

    /**
     * Remove a collection
     *
     * Removes the collection after its nodes or workflows have been moved into the other collection of the same type named in the query: all of it happens, or nothing. Moved resources keep their topics, and workflows their history. What calls them by their old subjects is not rewritten.
     * @param collectionType Kind of collection
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param options.moveResourcesToCollection Topic of the collection that takes over the contents
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The collection is gone and its contents were moved
     * @throws {GatewayError} 400: The path does not name a valid collection subject, or the query names no other collection
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: The collection, or the one meant to receive its contents, does not exist
     * @throws {GatewayError} 409: The receiving collection has a node or workflow with the same topic; nothing was moved
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    deleteCollection(
        collectionType: CollectionType,
        collectionTopic: string,
        options: CallOptions & { moveResourcesToCollection: string; ifMatch?: string | undefined; },
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('deleteCollection', 'DELETE', 'hub/collections/{collection_type}/{collection_topic}', {
            path: { collection_type: collectionType, collection_topic: collectionTopic },
            query: { move_resources_to_collection: options.moveResourcesToCollection },
            headers: { 'If-Match': options.ifMatch },
            signal: options.signal,
        });
    }
}

/** The operations that the contract has under Nodes. */
export class NodesClient {
    constructor(private readonly gateway: Gateway) {}

    /**
     * Create a node template
     *
     * Stores a reusable step in a collection of type node. Its id is the topic: the 32-bit FNV-1a hash of its name. Whether the function that it calls exists is not checked here: functions belong to another service.
     * @returns The new node template
     * @throws {GatewayError} 400: A required part of the node is missing or the collection subject is malformed
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: The collection, or the workflow that a flow node calls, does not exist
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The collection already has a node with this name, or with another name of the same hash
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    createNode(
        body: CreateNodeRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<CreateNodeResponse>> {
        return this.gateway.call('createNode', 'POST', 'hub/nodes', {
            body,
            signal: options.signal,
        });
    }

    /**
     * List node templates
     *
     * Returns the account's node templates, of one collection when a topic is given, ordered by subject; all of them unless there is a limit.
     * @param options.collectionTopic Topic of the collection to list; all are listed without it
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Matching node templates, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listNodeTemplates(
        options: CallOptions & { collectionTopic?: string | undefined; limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<ListNodesResponse>> {
        return this.gateway.call('listNodeTemplates', 'GET', 'hub/nodes', {
            query: { collection_topic: options.collectionTopic, limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Read one node template
     *
     * Looks a node template up by the topics of its collection and of itself.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param nodeTopic Topic of the node, a hash of its first name
     * @param options.ifNoneMatch Entity tags of versions that the caller has, or *: when the stored one is among them, the answer is 304 without a body. Compared weakly (RFC 9110, section 13.1.2).
     * @returns The stored node template
     * @throws {GatewayError} 400: The path does not name a valid node subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 404: No node has that subject
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getNode(
        collectionTopic: string,
        nodeTopic: string,
        options: CallOptions & { ifNoneMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<GetNodeResponse>> {
        return this.gateway.call('getNode', 'GET', 'hub/nodes/{collection_topic}/{node_topic}', {
            path: { collection_topic: collectionTopic, node_topic: nodeTopic },
            headers: { 'If-None-Match': options.ifNoneMatch },
            signal: options.signal,
        });
    }

    /**
     * Change a node template
     *
     * Replaces the node's data and can archive it or take it back into use. What is left out of the data is removed. The id stays the topic, also when the name changes.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param nodeTopic Topic of the node, a hash of its first name
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The change was stored
     * @throws {GatewayError} 400: The body has no subject, another one than the path, or data without a name or a needed subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such node, or a flow node names a workflow that does not exist
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The account has as much as it may have; nothing was changed
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    updateNode(
        collectionTopic: string,
        nodeTopic: string,
        body: UpdateNodeRequest,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('updateNode', 'PATCH', 'hub/nodes/{collection_topic}/{node_topic}', {
            path: { collection_topic: collectionTopic, node_topic: nodeTopic },
            headers: { 'If-Match': options.ifMatch },
            body,
            signal: options.signal,
        });
    }

    /**
     * Remove a node template
     *
     * Deletes the template named by the two topics.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param nodeTopic Topic of the node, a hash of its first name
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The template is gone
     * @throws {GatewayError} 400: The path does not name a valid node subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: No node has that subject
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    deleteNode(
        collectionTopic: string,
        nodeTopic: string,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('deleteNode', 'DELETE', 'hub/nodes/{collection_topic}/{node_topic}', {
            path: { collection_topic: collectionTopic, node_topic: nodeTopic },
            headers: { 'If-Match': options.ifMatch },
            signal: options.signal,
        });
    }

    /**
     * Change several node templates
     *
     * Applies one update per list item, in order, and reports on each. Items that can be stored are stored even when others fail; a list that breaks this schema is refused as a whole.
     * @returns Every item was stored
     * @throws {GatewayError} 400: At least one item failed, as the body says; or the list was refused as a whole
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    updateMultipleNodes(
        body: UpdateNodeRequest[],
        options: CallOptions = {},
    ): Promise<GatewayResponse<NodeOutcome[]>> {
        return this.gateway.call('updateMultipleNodes', 'PATCH', 'hub/nodes/batch', {
            body,
            signal: options.signal,
        });
    }
}

/** Whether an error is what updateMultipleNodes throws for 400: At least one item failed, as the body says; or the list was refused as a whole. */
export function isUpdateMultipleNodes400(error: unknown): error is GatewayError<UpdateMultiNodeErrorResponse> {
    return error instanceof GatewayError && error.operation === 'updateMultipleNodes' && error.status === 400;
}

/** The operations that the contract has under Workflows. */
export class WorkflowsClient {
    constructor(private readonly gateway: Gateway) {}

    /**
     * Create a draft workflow
     *
     * Stores a new workflow in a collection of type workflow. It starts as a draft and has to be published before its published version can run. The configuration is checked as a whole: one answer names every problem, separated by semicolons. Whether the functions and workflows that it calls exist is not checked, nor what result and payloads refer to.
     * @returns The new draft
     * @throws {GatewayError} 400: A required field is missing or the graph is not valid
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: The collection does not exist
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The collection already has a workflow with this name, or with another name of the same hash
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    createWorkflow(
        body: CreateWorkflowRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<CreateWorkflowResponse>> {
        return this.gateway.call('createWorkflow', 'POST', 'hub/workflows', {
            body,
            signal: options.signal,
        });
    }

    /**
     * List workflows
     *
     * Returns the account's workflows in full, narrowed to one collection or to one of the two versions on request; published versions come first, each ordered by subject; all of them unless there is a limit.
     * @param options.collectionTopic Topic of the collection to list; all are listed without it
     * @param options.filter Version to list; both are listed without it
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Matching workflows, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listWorkflows(
        options: CallOptions & { collectionTopic?: string | undefined; filter?: WorkflowVersion | undefined; limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<ListWorkflowsResponse>> {
        return this.gateway.call('listWorkflows', 'GET', 'hub/workflows', {
            query: { collection_topic: options.collectionTopic, filter: options.filter, limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Read one workflow
     *
     * Returns the published version, or the draft when asked for.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param flowTopic Topic of the workflow, a hash of its first name
     * @param options.draft True to use the draft instead of the published version
     * @param options.ifNoneMatch Entity tags of versions that the caller has, or *: when the stored one is among them, the answer is 304 without a body. Compared weakly (RFC 9110, section 13.1.2).
     * @returns The stored workflow
     * @throws {GatewayError} 400: The path does not name a valid workflow subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 404: The workflow does not exist, or has no published version
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getWorkflow(
        collectionTopic: string,
        flowTopic: string,
        options: CallOptions & { draft?: boolean | undefined; ifNoneMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<GetWorkflowResponse>> {
        return this.gateway.call('getWorkflow', 'GET', 'hub/workflows/{collection_topic}/{flow_topic}', {
            path: { collection_topic: collectionTopic, flow_topic: flowTopic },
            query: { draft: options.draft },
            headers: { 'If-None-Match': options.ifNoneMatch },
            signal: options.signal,
        });
    }

    /**
     * Change a draft workflow
     *
     * Updates the fields that are sent and leaves the others alone. Only the draft changes; publish again to bring the change live. A new configuration is checked as createWorkflow checks it.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param flowTopic Topic of the workflow, a hash of its first name
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The draft as it is now
     * @throws {GatewayError} 400: The subject is missing or does not name the draft in the path, or the graph is not valid
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: No draft has that subject
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The account has as much as it may have; nothing was changed
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    updateWorkflow(
        collectionTopic: string,
        flowTopic: string,
        body: UpdateWorkflowRequest,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<UpdateWorkflowResponse>> {
        return this.gateway.call('updateWorkflow', 'PATCH', 'hub/workflows/{collection_topic}/{flow_topic}', {
            path: { collection_topic: collectionTopic, flow_topic: flowTopic },
            headers: { 'If-Match': options.ifMatch },
            body,
            signal: options.signal,
        });
    }

    /**
     * Remove a workflow
     *
     * Deletes the published version and leaves the draft, or deletes both when the draft is asked for. The history of what is deleted can't be read any more. If-Match is compared with the published version, or with the draft.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param flowTopic Topic of the workflow, a hash of its first name
     * @param options.draft True to use the draft instead of the published version
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The version, or the whole workflow, is gone
     * @throws {GatewayError} 400: The path does not name a valid workflow subject
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: The workflow does not exist, or has no published version
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    deleteWorkflow(
        collectionTopic: string,
        flowTopic: string,
        options: CallOptions & { draft?: boolean | undefined; ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('deleteWorkflow', 'DELETE', 'hub/workflows/{collection_topic}/{flow_topic}', {
            path: { collection_topic: collectionTopic, flow_topic: flowTopic },
            query: { draft: options.draft },
            headers: { 'If-Match': options.ifMatch },
            signal: options.signal,
        });
    }

    /**
     * Start a workflow run
     *
     * Runs the published version, or the draft when asked for, on one trigger or on a list of them, or resumes a paused run. Once this is answered with 200 the run happens, whatever fails afterwards. A run of a published version needs no role; a run of a draft needs a role that may change it, and resuming needs root, admin, developer or client.
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param flowTopic Topic of the workflow, a hash of its first name
     * @param options.draft True to use the draft instead of the published version
     * @param options.idempotencyKey A key of the caller's own. A repeated call with the same key is answered with the run that the first one started, as long as there is that run.
     * @returns The run was started, queued or finished
     * @throws {GatewayError} 400: The workflow cannot run as asked
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: The workflow does not exist or has no published version, or there is no such run
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The resource is not in a state that allows this
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 422: The caller waited, and the run failed or was cancelled
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     * @throws {GatewayError} 504: The caller's wait has ended; the run goes on
     */
    runWorkflow(
        collectionTopic: string,
        flowTopic: string,
        body: RunWorkflowRequest,
        options: CallOptions & { draft?: boolean | undefined; idempotencyKey?: string | undefined; } = {},
    ): Promise<GatewayResponse<RunWorkflowResponse>> {
        return this.gateway.call('runWorkflow', 'POST', 'hub/workflows/{collection_topic}/{flow_topic}/run', {
            path: { collection_topic: collectionTopic, flow_topic: flowTopic },
            query: { draft: options.draft },
            headers: { 'Idempotency-Key': options.idempotencyKey },
            body,
            signal: options.signal,
        });
    }

    /**
     * List runs
     *
     * Returns runs of the account's workflows, newest first, without their data; at most 100 unless there is a limit.
     * @param options.flowSubject Only runs of this version of a workflow
     * @param options.status Only runs in this state
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Matching runs, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listRuns(
        options: CallOptions & { flowSubject?: string | undefined; status?: RunStatus | undefined; limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<ListRunsResponse>> {
        return this.gateway.call('listRuns', 'GET', 'hub/workflows/runs', {
            query: { flow_subject: options.flowSubject, status: options.status, limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Get a run
     *
     * Returns the state of a run and of each of its steps. What went in and what came out is only for root, admin, developer and client, and of a run that has succeeded only there when its log was asked for. With text/html in Accept the answer is a page that draws the workflow with the state, the time and the attempts of each step, and says where the run failed.
     * @param runId The id of a run, or its whole trackingId
     * @returns The run; with text/html in Accept, a page that draws it
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such run
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getRun(
        runId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<WorkflowRunDetail>> {
        return this.gateway.call('getRun', 'GET', 'hub/workflows/runs/{run_id}', {
            path: { run_id: runId },
            signal: options.signal,
        });
    }

    /**
     * Cancel a run
     *
     * Ends a run and the runs that it has started and waits for. No further step begins; the outcome of those under way is thrown away. A run that has ended stays as it is.
     * @param runId The id of a run, or its whole trackingId
     * @returns The run is cancelled
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such run
     * @throws {GatewayError} 409: The resource is not in a state that allows this
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    cancelRun(
        runId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('cancelRun', 'POST', 'hub/workflows/runs/{run_id}/cancel', {
            path: { run_id: runId },
            signal: options.signal,
        });
    }

    /**
     * Retry a failed run
     *
     * Has a run that has failed go on from the step that failed. Steps that have succeeded are not carried out again.
     * @param runId The id of a run, or its whole trackingId
     * @returns The run goes on
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such run
     * @throws {GatewayError} 409: The resource is not in a state that allows this
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    retryRun(
        runId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('retryRun', 'POST', 'hub/workflows/runs/{run_id}/retry', {
            path: { run_id: runId },
            signal: options.signal,
        });
    }

    /**
     * List paused runs
     *
     * Returns the newest 1000 runs that wait for an answer, and how many there are.
     * @param options.flowSubject Only runs of this version of a workflow
     * @returns Matching runs, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listPausedRuns(
        options: CallOptions & { flowSubject?: string | undefined; } = {},
    ): Promise<GatewayResponse<FoundRunsResponse>> {
        return this.gateway.call('listPausedRuns', 'GET', 'hub/workflows/paused', {
            query: { flow_subject: options.flowSubject },
            signal: options.signal,
        });
    }

    /**
     * List failed runs
     *
     * Returns the newest 1000 runs that have failed, and how many there are.
     * @param options.flowSubject Only runs of this version of a workflow
     * @returns Matching runs, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listErroredRuns(
        options: CallOptions & { flowSubject?: string | undefined; } = {},
    ): Promise<GatewayResponse<FoundRunsResponse>> {
        return this.gateway.call('listErroredRuns', 'GET', 'hub/workflows/errored', {
            query: { flow_subject: options.flowSubject },
            signal: options.signal,
        });
    }

    /**
     * List earlier configurations
     *
     * Returns every stored configuration of the published version, or of the draft when asked for, in full, newest first; all of them unless there is a limit. The Link header then leads to the next ones (RFC 8288).
     * @param collectionTopic Topic of the collection, a hash of its name
     * @param flowTopic Topic of the workflow, a hash of its first name
     * @param options.draft True to use the draft instead of the published version
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Stored configurations, possibly none
     * @throws {GatewayError} 400: The history cannot be read for this workflow
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 404: The workflow does not exist, or has no published version
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    workflowHistory(
        collectionTopic: string,
        flowTopic: string,
        options: CallOptions & { draft?: boolean | undefined; limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<WorkflowConfig[]>> {
        return this.gateway.call('workflowHistory', 'GET', 'hub/workflows/{collection_topic}/{flow_topic}/history', {
            path: { collection_topic: collectionTopic, flow_topic: flowTopic },
            query: { draft: options.draft, limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Publish a draft
     *
     * Copies the draft to the published version, which is the one that runs by default; the draft stays. The published subject is the draft's without its draft segment. If-Match is compared with the draft.
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The draft is live; the entity tag is the published version's
     * @throws {GatewayError} 400: The subject does not name a draft, or the draft has nothing to run
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: No draft has that subject
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The account has as much as it may have; nothing was changed
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    publishWorkflow(
        body: PublishWorkflowRequest,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('publishWorkflow', 'POST', 'hub/workflows/publish', {
            headers: { 'If-Match': options.ifMatch },
            body,
            signal: options.signal,
        });
    }
}

/** Whether an error is what runWorkflow throws for 422: The caller waited, and the run failed or was cancelled. */
export function isRunWorkflow422(error: unknown): error is GatewayError<RunFailure> {
    return error instanceof GatewayError && error.operation === 'runWorkflow' && error.status === 422;
}

/** The operations that the contract has under Oauth. */
export class OauthClient {
    constructor(private readonly gateway: Gateway) {}

    /**
     * List OAuth configurations
     *
     * Returns the public part of every configuration, ordered by integration identifier; client credentials and URLs are left out.
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Known configurations
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getIntegrationsOauthConfigs(
        options: CallOptions & { limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<OauthConfigList>> {
        return this.gateway.call('getIntegrationsOauthConfigs', 'GET', 'hub/integrations/oauth-config', {
            query: { limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Read one OAuth configuration
     *
     * Returns the public part of an integration's configuration; client credentials and URLs are left out. The entity tag of the answer is what a later replacement or removal can send as If-Match.
     * @param integrationId Integration identifier
     * @param options.ifNoneMatch Entity tags of versions that the caller has, or *: when the stored one is among them, the answer is 304 without a body. Compared weakly (RFC 9110, section 13.1.2).
     * @returns The configuration's public part
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getIntegrationOauthConfig(
        integrationId: string,
        options: CallOptions & { ifNoneMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<OauthConfigBasicData>> {
        return this.gateway.call('getIntegrationOauthConfig', 'GET', 'hub/integrations/{integration_id}/oauth-config', {
            path: { integration_id: integrationId },
            headers: { 'If-None-Match': options.ifNoneMatch },
            signal: options.signal,
        });
    }

    /**
     * Update an OAuth configuration.
     *
     * [quiva.ai admins only] Update the OAuth configuration for a specific integration - full configuration replacement
     * @param integrationId Integration identifier
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns OAuth configuration
     * @throws {GatewayError} 400: Bad request
     * @throws {GatewayError} 401: Unauthorized
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    putIntegrationsOauthConfig(
        integrationId: string,
        body: IntegrationOauthConfig,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('putIntegrationsOauthConfig', 'PUT', 'hub/integrations/{integration_id}/oauth-config', {
            path: { integration_id: integrationId },
            headers: { 'If-Match': options.ifMatch },
            body,
            signal: options.signal,
        });
    }

    /**
     * Remove an OAuth configuration
     *
     * [quiva.ai admins only] Deletes an integration's configuration, its client secret included.
     * @param integrationId Integration identifier
     * @param options.ifMatch Entity tags of the version that the caller has seen, or * for any existing version (RFC 9110, section 13.1.1). The operation is refused with 412 when the stored version is another one or there is none. Weak tags never match.
     * @returns The configuration is gone
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 412: If-Match names another version than the stored one, or there is none
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    deleteIntegrationsOauthConfig(
        integrationId: string,
        options: CallOptions & { ifMatch?: string | undefined; } = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('deleteIntegrationsOauthConfig', 'DELETE', 'hub/integrations/{integration_id}/oauth-config', {
            path: { integration_id: integrationId },
            headers: { 'If-Match': options.ifMatch },
            signal: options.signal,
        });
    }

    /**
     * Start a sign-in
     *
     * Starts a sign-in that makes the connection, or signs an existing one in again, for the caller's account. Send the user's browser to the address in the answer within 10 minutes; the provider sends it back to oauth-callback. The address works once. With return_url the browser goes on to the application, which finishes the sign-in with the session of this answer; without one the browser gets a page that asks for a click.
     * @param integrationId Integration identifier
     * @param connectionId Connection identifier, chosen by the account, such as the id or e-mail address of a user
     * @param options.scopes Comma-separated scopes to ask for, at most those of the configuration; all of them when left out.
     * @param options.returnUrl Where in the application the browser goes after the provider: one of the gateway's Oauth:ReturnUrls, letter by letter. A parameter handle is added to its query, or error when the sign-in failed.
     * @param options.variables Values of the configuration's variables with in login, such as variables[subdomain]=acme. They are kept with the connection
     * @returns Where to send the user
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getIntegrationsOauthLogin(
        integrationId: string,
        connectionId: string,
        options: CallOptions & { scopes?: string | undefined; returnUrl?: string | undefined; variables?: { [key: string]: string; } | undefined; } = {},
    ): Promise<GatewayResponse<OauthLoginResponse>> {
        return this.gateway.call('getIntegrationsOauthLogin', 'GET', 'hub/integrations/{integration_id}/oauth-login/{connection_id}', {
            path: { integration_id: integrationId, connection_id: connectionId },
            query: { scopes: options.scopes, return_url: options.returnUrl, variables: options.variables },
            signal: options.signal,
        });
    }

    /**
     * Finish a sign-in
     *
     * Stores the connection of a sign-in that was started with return_url. The handle is what the browser brought to that address; the session is what the application has kept, since it started the sign-in, for the user whose browser it is. Both work once, within 10 minutes after the provider. A handle with another session, or for another connection, ends the sign-in, and its tokens are revoked.
     * @param integrationId Integration identifier
     * @param connectionId Connection identifier, chosen by the account, such as the id or e-mail address of a user
     * @returns The connection that was stored
     * @throws {GatewayError} 400: The request is malformed, or this sign-in is over
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: No sign-in of the account waits under the handle
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: This sign-in was finished before, or the account's quota of connections is used up
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    finishIntegrationsOauthLogin(
        integrationId: string,
        connectionId: string,
        body: FinishOauthLoginRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('finishIntegrationsOauthLogin', 'POST', 'hub/integrations/{integration_id}/oauth-login/{connection_id}/finish', {
            path: { integration_id: integrationId, connection_id: connectionId },
            body,
            signal: options.signal,
        });
    }

    /**
     * Complete an OAuth sign-in
     *
     * Target of the provider's redirect, which carries no credentials: the one-time state is what admits it. Exchanges the code for tokens. Of a sign-in with return_url the browser is sent there, and nothing is stored before the application finishes it. Otherwise a browser gets a page that says whose connection this will be and asks for a click, which is sent to oauth-confirm. A caller that is no browser (neither Sec-Fetch-* nor text/html in Accept) stores the connection and gets its description, without tokens; where the configuration's redirect_url is not this gateway's own callback, it needs credentials of the account that started the sign-in. A request by a script or for a prefetch is refused and changes nothing.
     * @param options.code Authorization code from the provider; left out when it sends an error
     * @param options.state State value issued when the sign-in began
     * @param options.error Error code from the provider (RFC 6749, section 4.1.2.1)
     * @param options.iss Issuer of the provider (RFC 9207); refused when it can't be that of auth_url
     * @returns The connection that was stored; to a browser, a page that asks whether to store it
     * @throws {GatewayError} 303: The provider's answer was accepted, or refused, for a sign-in with return_url
     * @throws {GatewayError} 400: The provider or its answer was not accepted
     * @throws {GatewayError} 401: The state is unknown, was used before, or is too old
     * @throws {GatewayError} 409: The account's quota of connections is used up
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 502: The provider failed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     * @throws {GatewayError} 504: The provider did not answer in time
     */
    integrationsOauthCallback(
        options: CallOptions & { code?: string | undefined; state: string; error?: string | undefined; iss?: string | undefined; },
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('integrationsOauthCallback', 'GET', 'hub/integrations/oauth-callback', {
            query: { code: options.code, state: options.state, error: options.error, iss: options.iss },
            signal: options.signal,
        });
    }

    /**
     * Complete an OAuth sign-in of one integration
     *
     * Does what oauth-callback does, and refuses a state of another integration's sign-in: a redirect_url of its own for each provider keeps a code from reaching another provider (RFC 9700, section 4.4).
     * @param integrationId Integration identifier
     * @param options.code Authorization code from the provider; left out when it sends an error
     * @param options.state State value issued when the sign-in began
     * @param options.error Error code from the provider (RFC 6749, section 4.1.2.1)
     * @param options.iss Issuer of the provider (RFC 9207); refused when it can't be that of auth_url
     * @returns The connection that was stored; to a browser, a page that asks whether to store it
     * @throws {GatewayError} 303: The provider's answer was accepted, or refused, for a sign-in with return_url
     * @throws {GatewayError} 400: The provider or its answer was not accepted
     * @throws {GatewayError} 401: The state is unknown, was used before, or is too old
     * @throws {GatewayError} 409: The account's quota of connections is used up
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 502: The provider failed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     * @throws {GatewayError} 504: The provider did not answer in time
     */
    integrationOauthCallback(
        integrationId: string,
        options: CallOptions & { code?: string | undefined; state: string; error?: string | undefined; iss?: string | undefined; },
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('integrationOauthCallback', 'GET', 'hub/integrations/{integration_id}/oauth-callback', {
            path: { integration_id: integrationId },
            query: { code: options.code, state: options.state, error: options.error, iss: options.iss },
            signal: options.signal,
        });
    }

    /**
     * Answer the page that asks for a click
     *
     * What the page of oauth-callback sends. It is for that page in the browser that was signed in: a cookie and the handle in the form admit it together, each worth nothing alone. The first answer counts; a declined sign-in's tokens are revoked.
     * @returns The connection that was stored, now or before
     * @throws {GatewayError} 400: The sign-in was declined, or the request is not that page's
     * @throws {GatewayError} 401: The sign-in is unknown, of another browser, or took too long
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The account's quota of connections is used up
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    confirmIntegrationsOauthLogin(
        body: ConfirmOauthLoginRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('confirmIntegrationsOauthLogin', 'POST', 'hub/integrations/oauth-confirm', {
            form: { ...body },
            signal: options.signal,
        });
    }

    /**
     * List the caller's OAuth connections
     *
     * Returns every connection of the caller's account, across integrations, without its tokens.
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns The account's connections
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getIntegrationsOauthConnections(
        options: CallOptions & { limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<OauthConnectionsList>> {
        return this.gateway.call('getIntegrationsOauthConnections', 'GET', 'hub/integrations/oauth-connections', {
            query: { limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * List connections to one integration
     *
     * Returns the connections of the caller's account to the integration in the path, without their tokens.
     * @param integrationId Integration identifier
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Connections to the integration
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getIntegrationConnections(
        integrationId: string,
        options: CallOptions & { limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<OauthConnectionsList>> {
        return this.gateway.call('getIntegrationConnections', 'GET', 'hub/integrations/{integration_id}/oauth-connections', {
            path: { integration_id: integrationId },
            query: { limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Read one OAuth connection
     *
     * Returns a single connection together with its tokens. An access token that is about to expire is renewed first, once however many ask for it, if the connection has a refresh token and the integration a configuration; otherwise it is returned as it is.
     * @param integrationId Integration identifier
     * @param connectionId Connection identifier, chosen by the account, such as the id or e-mail address of a user
     * @returns The connection
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 502: The provider failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     * @throws {GatewayError} 504: The provider did not answer in time; nothing was changed
     */
    getIntegrationsOauthConnection(
        integrationId: string,
        connectionId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('getIntegrationsOauthConnection', 'GET', 'hub/integrations/{integration_id}/oauth-token/{connection_id}', {
            path: { integration_id: integrationId, connection_id: connectionId },
            signal: options.signal,
        });
    }

    /**
     * Renew an access token
     *
     * Trades the refresh token for a new access token and stores the result. Prefer oauth-token, which renews by itself and carries no secret in its URL.
     * @param integrationId Integration identifier
     * @param connectionId Connection identifier, chosen by the account, such as the id or e-mail address of a user
     * @param options.refreshToken Refresh token of the connection, as last read
     * @returns The renewed connection
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 409: The resource is not in a state that allows this
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 502: The provider failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     * @throws {GatewayError} 504: The provider did not answer in time; nothing was changed
     */
    refreshIntegrationsOauthToken(
        integrationId: string,
        connectionId: string,
        options: CallOptions & { refreshToken: string; },
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('refreshIntegrationsOauthToken', 'GET', 'hub/integrations/{integration_id}/oauth-refresh-token/{connection_id}', {
            path: { integration_id: integrationId, connection_id: connectionId },
            query: { refresh_token: options.refreshToken },
            signal: options.signal,
        });
    }

    /**
     * Renew an access token, with the refresh token in the body
     *
     * Does what GET does; its refresh token is in the body and so in no log of URLs.
     * @param integrationId Integration identifier
     * @param connectionId Connection identifier, chosen by the account, such as the id or e-mail address of a user
     * @returns The renewed connection
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The resource is not in a state that allows this
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 502: The provider failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     * @throws {GatewayError} 504: The provider did not answer in time; nothing was changed
     */
    renewIntegrationsOauthToken(
        integrationId: string,
        connectionId: string,
        body: RenewOauthTokenRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<OauthConnection>> {
        return this.gateway.call('renewIntegrationsOauthToken', 'POST', 'hub/integrations/{integration_id}/oauth-refresh-token/{connection_id}', {
            path: { integration_id: integrationId, connection_id: connectionId },
            body,
            signal: options.signal,
        });
    }

    /**
     * Remove an OAuth connection
     *
     * Forgets a connection and the tokens stored with it. When the configuration has a revocation_url, its tokens are revoked there first; a provider that does not answer does not keep the connection alive here.
     * @param integrationId Integration identifier
     * @param connectionId Connection identifier, chosen by the account, such as the id or e-mail address of a user
     * @returns The connection is gone
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    deleteIntegrationsOauthConnection(
        integrationId: string,
        connectionId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('deleteIntegrationsOauthConnection', 'DELETE', 'hub/integrations/{integration_id}/oauth-connections/{connection_id}', {
            path: { integration_id: integrationId, connection_id: connectionId },
            signal: options.signal,
        });
    }
}

/** The operations that the contract has under Providers. */
export class ProvidersClient {
    constructor(private readonly gateway: Gateway) {}

    /**
     * List known providers
     *
     * Returns the catalogue: what the gateway knows of providers, so that a configuration needs only a client id and a secret. Ordered by provider identifier; all of them unless there is a limit.
     * @param options.search Only providers whose identifier or name contains this, in any case
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns Matching providers, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listProviders(
        options: CallOptions & { search?: string | undefined; limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<ProviderList>> {
        return this.gateway.call('listProviders', 'GET', 'hub/providers', {
            query: { search: options.search, limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Read one provider
     *
     * Returns what the catalogue knows of a provider. config together with an integration_id, a name, scopes, a client_id, a client_secret and a redirect_url is a whole configuration.
     * @param providerId Provider identifier
     * @returns The provider
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    getProvider(
        providerId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<Provider>> {
        return this.gateway.call('getProvider', 'GET', 'hub/providers/{provider_id}', {
            path: { provider_id: providerId },
            signal: options.signal,
        });
    }
}

/** The operations that the contract has under ApiKeys. */
export class ApiKeysClient {
    constructor(private readonly gateway: Gateway) {}

    /**
     * Create an API key
     *
     * Makes a key that acts for the caller's account. The answer is the only one that ever shows the key. A key can't have quiva-admin, nor a role that its maker lacks, and it always expires.
     * @returns The new key
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The caller has no role that may do this, or lacks a role that the key is to have
     * @throws {GatewayError} 408: The body did not arrive in time
     * @throws {GatewayError} 409: The account's quota of API keys is used up
     * @throws {GatewayError} 413: The body is larger than the operation accepts
     * @throws {GatewayError} 415: The body is not application/json in UTF-8, or has a content coding
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    createApiKey(
        body: CreateApiKeyRequest,
        options: CallOptions = {},
    ): Promise<GatewayResponse<CreateApiKeyResponse>> {
        return this.gateway.call('createApiKey', 'POST', 'hub/api-keys', {
            body,
            signal: options.signal,
        });
    }

    /**
     * List API keys
     *
     * Returns the keys of the caller's account that are not revoked, expired ones too, oldest first; all of them unless there is a limit. The keys themselves can't be read again.
     * @param options.limit How many results to return at most; all of them without it. Fewer are returned when they are large: only the last part has no next cursor.
     * @param options.cursor Where to go on: what the answer with the results before these gave as the next cursor. Results that are added or removed meanwhile neither shift nor repeat the others.
     * @returns The keys, possibly none
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    listApiKeys(
        options: CallOptions & { limit?: number | undefined; cursor?: string | undefined; } = {},
    ): Promise<GatewayResponse<ListApiKeysResponse>> {
        return this.gateway.call('listApiKeys', 'GET', 'hub/api-keys', {
            query: { limit: options.limit, cursor: options.cursor },
            signal: options.signal,
        });
    }

    /**
     * Revoke an API key
     *
     * Ends a key of the caller's account, also the caller's own. Every instance refuses it within 2 seconds.
     * @param keyId The id of the key
     * @returns The key is revoked
     * @throws {GatewayError} 400: The request could not be understood
     * @throws {GatewayError} 401: No valid credentials were sent
     * @throws {GatewayError} 403: The credentials are valid but have none of the roles that the operation asks for
     * @throws {GatewayError} 404: There is no such resource
     * @throws {GatewayError} 429: The caller has sent too many requests
     * @throws {GatewayError} 500: The server failed; nothing was changed
     * @throws {GatewayError} 503: The server can't reach its database; try again
     */
    revokeApiKey(
        keyId: string,
        options: CallOptions = {},
    ): Promise<GatewayResponse<SuccessResponse>> {
        return this.gateway.call('revokeApiKey', 'DELETE', 'hub/api-keys/{key_id}', {
            path: { key_id: keyId },
            signal: options.signal,
        });
    }
}

/** What a collection holds A newer gateway may answer other values. */
export type CollectionType = "node" | "workflow";

/** One of the two versions of a workflow A newer gateway may answer other values. */
export type WorkflowVersion = "draft" | "published";

/** Kind of an event A newer gateway may answer other values. */
export type ChangeType = "created" | "updated";

/** The contract's CreateCollectionRequest */
export interface CreateCollectionRequest {
    /** Collection name */
    name: string;
    collection_type: CollectionType;
    /** Free text, may be left out */
    description?: string | null;
}

/** The contract's CreateCollectionResponse */
export interface CreateCollectionResponse {
    /** Full identifier of the collection */
    subject: string;
    /** Collection name */
    name: string;
    collection_type: CollectionType;
    /** Hash of the name, the last part of the subject */
    topic: string;
    /** Free text */
    description: string;
    modified: number;
}

/** The contract's GetCollectionResponse */
export interface GetCollectionResponse {
    /** Collection name */
    name: string;
    collection_type: CollectionType;
    /** Hash of the name, the last part of the subject */
    topic: string;
    /** Free text */
    description: string;
    /** Full identifier of the collection */
    subject: string;
    /** Stream position of the collection's latest event */
    sequence: number;
    modified: number;
    type: ChangeType;
}

/** The contract's ListCollectionsResponse */
export interface ListCollectionsResponse {
    /** Collections found */
    results: GetCollectionResponse[];
    /** How many there are, also when a limit leaves some out */
    results_total: number;
    /** What to send as cursor to get the results after these; left out with the last ones and when no limit was sent */
    next_cursor?: string;
}

/** The contract's UpdateCollectionRequest */
export interface UpdateCollectionRequest {
    /** Full identifier of the collection to change */
    subject: string;
    /** New text, empty to clear it */
    description?: string;
}

/** Any JSON object, kept as it is */
export type FreeForm = Record<string, unknown>;

/** What the step does. function calls a compute function; flow starts another workflow, waiting for it or not; condition chooses which branch runs next; map reshapes data; eval computes a value with a short piece of JavaScript; integration calls a known external API over HTTP. The others are steps of the engine that are kept as they are. A newer gateway may answer other values. */
export type NodeType = "function" | "flow" | "condition" | "map" | "eval" | "integration" | "trigger" | "agent" | "http" | "rules" | "jsonlogic" | "static" | "delay" | "schedule" | "input" | "human-in-the-loop" | "quiva-endpoint" | "error" | "task" | "connector" | "email" | "verify-challenge" | "verify-signature" | "sign-envelope";

/** The contract's NodeData */
export interface NodeData {
    /** Identifier, unique inside its workflow; of a template: its topic, whatever is sent */
    id?: string | null;
    /** Display name */
    name?: string | null;
    /** Free text */
    description?: string | null;
    node_type?: NodeType | null;
    /** The function or workflow to call, for those two types */
    subject?: string | null;
    /** Input of the step, any JSON value, kept as it is */
    payload?: unknown;
    /** How to reshape the step's answer, any JSON value, kept as it is */
    response_map?: unknown;
    options?: NodeOptions | null;
    /** The connection whose tokens an integration step uses, as integration id and connection id with a dot between */
    oauth?: string | null;
    /** True to wait for the step and keep its answer */
    await?: boolean | null;
}

/** How the step is carried out */
export interface NodeOptions {
    /** True to flatten the answer */
    flat_map?: boolean | null;
    /** Pause before another attempt, in milliseconds; function and flow steps only */
    backoff_ms?: number | null;
    /** Time limit in milliseconds; function and flow steps only */
    timeout?: number | null;
    /** How often to try; function and flow steps only */
    attempts?: number | null;
    /** HTTP statuses not treated as failure; function steps only */
    ignore_response_codes?: number[] | null;
}

/** The contract's Edge */
export interface Edge {
    /** Id of the node the edge leaves */
    source: string;
    /** Id of the node the edge enters */
    target: string;
    /** Identifier of the edge, unique inside its workflow */
    id?: string | null;
    /** Attachment point on the leaving node, for the editor */
    sourceHandle?: string | null;
    /** Attachment point on the entered node, for the editor */
    targetHandle?: string | null;
    /** How the editor draws the edge */
    type?: string | null;
    /** What the editor takes the edge for */
    edgeType?: string | null;
    /** What the editor writes on the edge, any JSON value, kept as it is */
    label?: unknown;
    /** What the editor keeps with the edge, any JSON value, kept as it is */
    data?: unknown;
    /** Whether the editor moves the edge, any JSON value, kept as it is */
    animated?: unknown;
    /** How the editor draws its end, any JSON value, kept as it is */
    markerEnd?: unknown;
    style?: FreeForm | null;
}

/** A step, and how the editor shows it */
export interface WorkflowNode {
    /** Identifier for the editor, equal to the one in data */
    id?: string | null;
    /** What the editor draws the step as */
    type?: string | null;
    data?: NodeData | null;
    position?: FreeForm | null;
    measured?: FreeForm | null;
    style?: FreeForm | null;
    /** How wide the editor draws the step, any JSON value, kept as it is */
    width?: unknown;
    /** How high the editor draws the step, any JSON value, kept as it is */
    height?: unknown;
    /** Group that the step is in, for the editor, any JSON value, kept as it is */
    parentId?: unknown;
    /** Where the editor lets the step be moved, any JSON value, kept as it is */
    extent?: unknown;
    /** What the editor draws the step above, any JSON value, kept as it is */
    zIndex?: unknown;
    /** Whether the editor shows the step, any JSON value, kept as it is */
    hidden?: unknown;
}

/** How runs of the workflow are scheduled */
export interface WorkflowOptions {
    run_type?: RunType | null;
    /** Key whose runs are kept in order */
    order_on?: string | null;
    /** Key whose runs are held back together */
    debounce_on?: string | null;
    /** Quiet time to wait for, in milliseconds */
    debounce_time?: number | null;
    /** Longest time to hold a run back, in milliseconds */
    debounce_max?: number | null;
}

/** Hold runs back until a burst ends, or run them one after another A newer gateway may answer other values. */
export type RunType = "debounced" | "ordered" | "normal";

/** Steps of a workflow and how they follow each other */
export interface WorkflowConfig {
    /** Steps of the workflow */
    nodes?: WorkflowNode[] | null;
    /** Links that set the order of the steps */
    edges?: Edge[] | null;
    static?: FreeForm | null;
    /** What the run's result is, as a string expression that picks it or as an object template; without it the result is the log of the steps */
    result?: unknown;
    options?: WorkflowOptions | null;
}

/** The contract's CreateNodeRequest */
export interface CreateNodeRequest {
    /** Full identifier of the collection to add to */
    collection: string;
    data: NodeData;
}

/** The contract's CreateNodeResponse */
export interface CreateNodeResponse {
    /** Full identifier of the node */
    subject: string;
    /** Full identifier of its collection */
    collection: string;
    data: NodeData;
    type: ChangeType;
    modified: number;
}

/** The contract's GetNodeResponse */
export interface GetNodeResponse {
    /** Full identifier of the node */
    subject: string;
    data: NodeData;
    /** True when it was taken out of use */
    archived: boolean;
    modified: number;
}

/** The contract's ListNodesResponse */
export interface ListNodesResponse {
    /** Node templates found */
    results: GetNodeResponse[];
    /** How many there are, also when a limit leaves some out */
    results_total: number;
    /** What to send as cursor to get the results after these; left out with the last ones and when no limit was sent */
    next_cursor?: string;
}

/** The contract's UpdateNodeRequest */
export interface UpdateNodeRequest {
    /** Full identifier of the node to change */
    subject: string;
    data: NodeData;
    /** True to take the node out of use, false to take it back */
    archived?: boolean;
}

/** The contract's NodeOutcome */
export interface NodeOutcome {
    node: UpdateNodeRequest;
    /** success, or what kept this node from being stored, after the word error, a colon and a space */
    result: string;
}

/** The contract's UpdateMultiNodeErrorResponse */
export interface UpdateMultiNodeErrorResponse {
    /** One outcome per update */
    body?: NodeOutcome[];
    /** Summary of the failure */
    error?: string;
}

/** The contract's CreateWorkflowRequest */
export interface CreateWorkflowRequest {
    /** Workflow name, unique in its collection */
    name: string;
    /** Full identifier of the collection to add to */
    collection: string;
    /** Free text, may be left out */
    description?: string | null;
    config?: WorkflowConfig | null;
}

/** The contract's CreateWorkflowResponse */
export interface CreateWorkflowResponse {
    /** Full identifier of the draft */
    subject: string;
    /** Workflow name */
    name: string;
    /** Full identifier of its collection */
    collection: string;
    /** Free text */
    description: string;
    config?: WorkflowConfig;
    modified: number;
}

/** The contract's GetWorkflowResponse */
export interface GetWorkflowResponse {
    /** Full identifier of the workflow */
    subject: string;
    /** Workflow name */
    name: string;
    /** Free text */
    description: string;
    config?: WorkflowConfig;
    /** True when it was taken out of use */
    archived: boolean;
    modified: number;
}

/** The contract's ListWorkflowsResponse */
export interface ListWorkflowsResponse {
    /** Workflows found */
    results: GetWorkflowResponse[];
    /** How many there are, also when a limit leaves some out */
    results_total: number;
    /** What to send as cursor to get the results after these; left out with the last ones and when no limit was sent */
    next_cursor?: string;
}

/** The contract's UpdateWorkflowRequest */
export interface UpdateWorkflowRequest {
    /** Full identifier of the draft to change */
    subject: string;
    /** New name */
    name?: string;
    /** New text */
    description?: string;
    config?: WorkflowConfig;
    /** True to take the workflow out of use, false to take it back */
    archived?: boolean;
}

/** The contract's UpdateWorkflowResponse */
export interface UpdateWorkflowResponse {
    /** Full identifier of the draft */
    subject: string;
    /** Workflow name */
    name: string;
    /** Free text */
    description: string;
    config?: WorkflowConfig;
    /** True when it was taken out of use */
    archived: boolean;
    modified: number;
}

/** The contract's RunWorkflowRequest */
export interface RunWorkflowRequest {
    trigger?: FreeForm | null;
    /** Inputs of several runs that go side by side; send this or trigger */
    triggers?: FreeForm[] | null;
    /** True to keep what goes in and comes out of each step, also when the run succeeds; false without it */
    enable_log?: boolean | null;
    /** True to answer only when the run has finished or is paused; false without it */
    await?: boolean | null;
    /** The paused run that the trigger is the answer for, as its id or its whole trackingId */
    run_id?: string | null;
    /** The step that the trigger is the answer for; only needed where several wait */
    node?: string | null;
}

/** One of the runs of a list of triggers */
export interface BatchRun {
    /** Identifier to follow the run by */
    trackingId?: string;
    /** Result of the run, any JSON value, when the caller waited and it has succeeded */
    result?: unknown;
    /** Why the run has no result, when the caller waited */
    error?: string;
}

/** Why a run failed */
export interface RunFailure {
    /** What went wrong */
    error?: string;
    /** Identifier of the run */
    trackingId?: string;
    /** The step that failed */
    node?: string;
    /** The status that an error step gives, or that the failed step was answered with */
    status_code?: number;
}

/** State of a run. waiting: for a delay, another attempt or another run; paused: for an answer. A newer gateway may answer other values. */
export type RunStatus = "queued" | "running" | "waiting" | "paused" | "succeeded" | "failed" | "cancelled";

/** State of a step. waiting: for a delay, another attempt or another run; paused: for an answer; skipped: the run did not come by; cancelled: the run has ended before it. A newer gateway may answer other values. */
export type StepStatus = "pending" | "running" | "waiting" | "paused" | "succeeded" | "failed" | "skipped" | "cancelled";

/** A run, without its data */
export interface WorkflowRun {
    /** The run's id */
    run_id: string;
    /** The run's full identifier */
    trackingId: string;
    /** The version of the workflow that runs */
    subject: string;
    status: RunStatus;
    /** The run that has started this one */
    parent_run_id?: string;
    /** The step that failed */
    node?: string;
    /** When it was asked for */
    created: string;
    /** When it began */
    started?: string;
    /** When it ended */
    ended?: string;
}

/** The contract's ListRunsResponse */
export interface ListRunsResponse {
    /** Runs found */
    results: WorkflowRun[];
    /** Where the next results begin; left out with the last ones */
    next_cursor?: string;
}

/** The contract's FoundRunsResponse */
export interface FoundRunsResponse {
    /** Runs found */
    results: WorkflowRun[];
    /** How many there are */
    results_total: number;
}

/** A run with its steps */
export interface WorkflowRunDetail {
    /** The run's id */
    run_id: string;
    /** The run's full identifier */
    trackingId: string;
    /** The version of the workflow that runs */
    subject: string;
    status: RunStatus;
    /** The run that has started this one */
    parent_run_id?: string;
    /** When it was asked for */
    created: string;
    /** When it began */
    started?: string;
    /** When it ended */
    ended?: string;
    /** What the run was started with, any JSON object */
    trigger?: unknown;
    /** The run's result, any JSON value */
    result?: unknown;
    /** Why it failed */
    error?: string;
    /** The step that failed */
    node?: string;
    /** The status that an error step gives, or that the failed step was answered with */
    status_code?: number;
    /** The steps, in the order of the configuration */
    steps: RunStep[];
}

/** A step of a run */
export interface RunStep {
    /** The id of the node */
    node: string;
    /** Its type */
    node_type?: string;
    /** Its display name */
    name?: string;
    status: StepStatus;
    /** How often it was started */
    attempts: number;
    /** When it was started last */
    started?: string;
    /** When it ended */
    ended?: string;
    /** Until when it waits */
    due?: string;
    /** The run that it has started */
    run_id?: string;
    /** What went in, any JSON value; only when the log was asked for */
    input?: unknown;
    /** What came out, any JSON value */
    output?: unknown;
    /** Why it failed */
    error?: string;
}

/** The contract's PublishWorkflowRequest */
export interface PublishWorkflowRequest {
    /** Full identifier of the draft to publish */
    subject: string;
}

/** The contract's IntegrationOauthConfig */
export interface IntegrationOauthConfig {
    /** Unique identifier for the integration */
    integration_id: string;
    /** Name of the OAuth integration */
    name: string;
    /** Comma-separated list of OAuth scopes */
    scopes: string;
    /** OAuth client ID */
    client_id: string;
    /** OAuth client secret */
    client_secret: string;
    /** Authorization URL for the OAuth flow */
    auth_url: string;
    /** Token URL to exchange authorization code for access token */
    token_url: string;
    /** Redirect URL used in the OAuth flow */
    redirect_url: string;
    /** Where tokens of removed connections are revoked (RFC 7009), if the provider offers that */
    revocation_url?: string | null;
    code_challenge_method?: CodeChallengeMethod | null;
    /** Values that are not the same for every connection, at most 20: asked of the user, brought by the provider's redirect, or told by its token answer. `$(name)` stands for one: those of the login in auth_url; those of the login and the callback also in token_url and token_params; all of them in refresh_url and revocation_url; those of the login and the token answer in allowed_hosts; none in redirect_url. Scheme, port and user information are never variable. In a host a variable is one whole label with at least two fixed labels after it, unless its values are listed: no variable chooses who gets the client secret. In a path a value is percent-encoded, in a query form-encoded. */
    variables?: OauthVariable[] | null;
    token_request_type?: TokenRequestType | null;
    scope_separator?: ScopeSeparator | null;
    /** Where tokens are renewed, if it is not token_url */
    refresh_url?: string | null;
    /** Texts that are added to token and renewal requests, at most 20, of names of at most 64 and values of at most 2,000 characters. They are stored like secrets and never returned. Not grant_type, code, redirect_uri, refresh_token, code_verifier, client_id, client_secret, client_assertion, client_assertion_type or scope. */
    token_params?: { [key: string]: string; } | null;
    token_endpoint_auth_method?: TokenEndpointAuthMethod | null;
    /** Seconds that access tokens work when the provider does not say */
    default_expires_in?: number | null;
    /** Issuer identifier of the provider (RFC 8414). Its redirect has to bring exactly this as iss (RFC 9207): only for providers whose metadata says that they send it */
    issuer?: string | null;
    /** Hosts that a workflow step may call with a token of this integration, at most 20 of at most 253 characters; a leading dot means those below it, and needs at least two labels after it that are no public suffix. Without it the host of token_url and those below it */
    allowed_hosts?: string[] | null;
}

/** A value that is not the same for every connection of an integration */
export interface OauthVariable {
    /** What it is called. With in token the member of the token answer that holds it, a dotted path such as team.id; with in callback the parameter of the redirect */
    name: string;
    in: VariablePlace;
    /** What the whole value has to match, without backtracking. Without it a value of the login is one DNS label, and another any text without control characters. Values of the login have at most 253 characters, others 4,096. */
    pattern?: string | null;
    /** The only values that it may have, at most 50, of at most 253 characters each */
    values?: string[] | null;
    /** What to ask the user for */
    description?: string | null;
}

/** Where the value of a variable comes from: from whoever starts the sign-in, from the provider's redirect, or from its token answer A newer gateway may answer other values. */
export type VariablePlace = "login" | "callback" | "token";

/** How the code is bound to the sign-in (RFC 7636); S256 unless set. none is for providers that refuse it, and is refused together with none as token_endpoint_auth_method A newer gateway may answer other values. */
export type CodeChallengeMethod = "S256" | "none";

/** The form of token and renewal requests; application/x-www-form-urlencoded unless set A newer gateway may answer other values. */
export type TokenRequestType = "application/x-www-form-urlencoded" | "application/json";

/** What stands between scopes in the authorization request; space unless set (RFC 6749, section 3.3) A newer gateway may answer other values. */
export type ScopeSeparator = "space" | "comma";

/** How the client's credentials are sent (RFC 7591, section 2). Unless set it is found out and remembered. With none the client_secret is not sent A newer gateway may answer other values. */
export type TokenEndpointAuthMethod = "client_secret_basic" | "client_secret_post" | "none";

/** How a connection is: its tokens work or can be renewed; its last renewal failed and is tried again; or only a new sign-in helps A newer gateway may answer other values. */
export type ConnectionStatus = "connected" | "failing" | "needs_sign_in";

/** The contract's OauthConfigBasicData */
export interface OauthConfigBasicData {
    /** Identifier of the integration */
    integration_id: string;
    /** Display name */
    name: string;
    /** Scopes asked for, separated by commas */
    scopes: string;
    /** What oauth-login has to be told, the variables with in login */
    variables?: OauthVariable[];
    /** Full identifier of the configuration */
    subject: string;
}

/** The contract's OauthConfigList */
export interface OauthConfigList {
    /** Configurations found */
    results: OauthConfigBasicData[];
    /** How many were found */
    results_total: number;
    /** What to send as cursor to get the results after these; left out with the last ones and when no limit was sent */
    next_cursor?: string;
}

/** The contract's OauthLoginResponse */
export interface OauthLoginResponse {
    /** Address at the provider to send the user to */
    oauth_url: string;
    /** With return_url only: what finishes the sign-in together with the handle. Keep it in the session of the user who is sent to oauth_url, and nowhere that another user's browser could bring it from. */
    session?: string;
}

/** The contract's FinishOauthLoginRequest */
export interface FinishOauthLoginRequest {
    /** What the browser brought to return_url */
    handle: string;
    /** What oauth-login answered */
    session: string;
}

/** The contract's ConfirmOauthLoginRequest */
export interface ConfirmOauthLoginRequest {
    /** What the page has in its form */
    handle: string;
    decision: OauthLoginDecision;
}

/** Whether to store the connection, or to revoke what the provider granted A newer gateway may answer other values. */
export type OauthLoginDecision = "connect" | "decline";

/** The contract's RenewOauthTokenRequest */
export interface RenewOauthTokenRequest {
    /** Refresh token of the connection, as last read */
    refresh_token: string;
}

/** The contract's OauthConnection */
export interface OauthConnection {
    /** Token for calls to the provider */
    access_token?: string;
    /** How to present the token, usually Bearer */
    token_type?: string;
    /** Token for renewing the access token */
    refresh_token?: string;
    /** When the access token stops working; left out when the provider did not say */
    expiry?: string;
    /** Seconds until then; 0 when it has passed */
    expires_in?: number;
    status?: ConnectionStatus;
    /** Since when the connection has that status */
    status_since?: string;
    /** Scopes that were granted, separated by commas; those that were asked for unless the provider said otherwise */
    scopes?: string;
    /** Values of the configuration's variables; only together with tokens, since some are secrets */
    variables?: { [key: string]: string; };
    /** Stream position of the stored connection */
    sequence?: number;
    /** Full identifier of the connection */
    subject?: string;
    /** Time of the last change, in seconds since 1970 */
    modified?: number;
}

/** The contract's OauthConnectionsList */
export interface OauthConnectionsList {
    /** Connections found */
    results: OauthConnection[];
    /** How many were found */
    results_total: number;
    /** What to send as cursor to get the results after these; left out with the last ones and when no limit was sent */
    next_cursor?: string;
}

/** The fields of a configuration that are the provider's own */
export interface ProviderConfig {
    /** Authorization URL, perhaps with variables */
    auth_url: string;
    /** Token URL, perhaps with variables */
    token_url: string;
    /** Where tokens are revoked */
    revocation_url?: string;
    code_challenge_method?: CodeChallengeMethod;
    /** What is not the same for every connection */
    variables?: OauthVariable[];
    token_request_type?: TokenRequestType;
    scope_separator?: ScopeSeparator;
    /** Where tokens are renewed, if it is not token_url */
    refresh_url?: string;
    /** Texts that are added to token and renewal requests */
    token_params?: { [key: string]: string; };
    token_endpoint_auth_method?: TokenEndpointAuthMethod;
    /** Seconds that access tokens work when the provider does not say */
    default_expires_in?: number;
    /** What the provider's redirect brings as iss */
    issuer?: string;
    /** Hosts of the provider's API */
    allowed_hosts?: string[];
}

/** What the catalogue knows of a provider */
export interface Provider {
    /** Provider identifier */
    provider_id: string;
    /** Name of the provider */
    name: string;
    /** Scopes to begin with, separated by commas; empty when there are none */
    default_scopes: string;
    /** How many independent public sources agree on the addresses */
    sources: number;
    /** What to check before relying on it */
    unsure?: string[];
    /** What an administrator does at the provider */
    setup: string;
    config: ProviderConfig;
}

/** The contract's ProviderList */
export interface ProviderList {
    /** Providers found */
    results: Provider[];
    /** How many were found */
    results_total: number;
    /** Where to go on; left out with the last results */
    next_cursor?: string;
}

/** The roles that credentials can carry. quiva-admin is the platform's own staff; the others are roles within an account, client that of an application's backend, which signs its users in and uses their connections. An operation's x-roles lists the ones that may call it; without x-roles any valid credentials may. A newer gateway may answer other values. */
export type Role = "quiva-admin" | "root" | "admin" | "developer" | "client" | "monitor" | "billing";

/** The contract's SuccessResponse */
export interface SuccessResponse {
    /** Success message */
    message?: string;
}

/** The contract's CreateApiKeyRequest */
export interface CreateApiKeyRequest {
    /** What the key is for */
    name: string;
    /** What the key may do; roles that the caller has, and not quiva-admin */
    roles: Role[];
    /** Days until the key stops working */
    expires_in_days: number;
}

/** The contract's CreateApiKeyResponse */
export interface CreateApiKeyResponse {
    /** Identifies the key in lists, for its revocation, and in the audit trail */
    id: string;
    /** The key, to be sent as X-Api-Key. It is shown here and never again. */
    key: string;
    /** What the key is for */
    name: string;
    /** What the key may do */
    roles: Role[];
    /** When it was made, in seconds since 1970 */
    created: number;
    /** When it stops working, in seconds since 1970 */
    expires: number;
}

/** The contract's GetApiKeyResponse */
export interface GetApiKeyResponse {
    /** Identifies the key */
    id: string;
    /** What the key is for; empty for keys that were made without a name */
    name: string;
    /** What the key may do */
    roles: Role[];
    /** When it was made, in seconds since 1970 */
    created: number;
    /** When it stops working, in seconds since 1970; left out for a key of the command line that never does */
    expires?: number;
}

/** The contract's ListApiKeysResponse */
export interface ListApiKeysResponse {
    /** The keys, oldest first */
    results: GetApiKeyResponse[];
    /** How many keys there are in all */
    results_total: number;
    /** Where the next part begins; left out with the last one */
    next_cursor?: string;
}