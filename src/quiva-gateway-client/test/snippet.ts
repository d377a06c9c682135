// The snippet of README.md, compiled; operations.test.mjs has the same calls run.
import { GatewayClient, GatewayError } from '../src/index.js';

const apiKey = 'qgk_…';

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
