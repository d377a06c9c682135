// README.md's snippet, to be compiled: a test compares the two.
import { GatewayClient, GatewayError } from '../src/index.js';

declare const apiKey: string;

const gateway = new GatewayClient({ baseUrl: 'https://localhost:7443', apiKey });

const created = await gateway.collections.createCollection({ name: 'Billing Steps', collection_type: 'node' });
try {
    await gateway.collections.updateFlowOrNodeCollection('node', created.value.topic,
        { subject: created.value.subject, description: 'Invoicing' }, { ifMatch: created.etag });
} catch (error) {
    if (error instanceof GatewayError && error.status === 412) {
        console.log(`Someone else was faster: ${error.error}`);
    }
}

let cursor: string | undefined;
do {
    const page = await gateway.collections.listCollections({ limit: 50, cursor });
    page.value.results.forEach(collection => console.log(collection.name));
    cursor = page.value.next_cursor;
} while (cursor);
