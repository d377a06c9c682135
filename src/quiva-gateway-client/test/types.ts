// What the types have to refuse: each line below is an error, or this file does not compile.
import { GatewayClient, isUpdateMultipleNodes400 } from '../src/index.js';

export async function refused(gateway: GatewayClient, error: unknown): Promise<void> {
    // @ts-expect-error A kind that the contract does not have.
    await gateway.collections.listCollections({ collectionType: 'nodes' });
    // @ts-expect-error The query parameter is required.
    await gateway.collections.deleteCollection('node', '1');
    // @ts-expect-error A required member is missing.
    await gateway.nodes.createNode({ collection: 'ms.hub.config.collection.node.1' });
    const node = await gateway.nodes.getNode('1', '2');
    // @ts-expect-error Free-form values are unknown until they are checked.
    node.value.data.payload.length;
    if (isUpdateMultipleNodes400(error)) {
        const results: string[] | undefined = error.body.body?.map(outcome => outcome.result);
        // @ts-expect-error The body is of the type that the contract declares.
        error.body.bodies;
        console.log(results);
    }
}
