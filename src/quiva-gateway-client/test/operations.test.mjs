// Every operation, called on the running gateway that the environment names.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GatewayClient, GatewayError, isUpdateMultipleNodes400 } from '@quiva/gateway-client';

const { GATEWAY_URL: baseUrl, GATEWAY_ADMIN_KEY, GATEWAY_DEVELOPER_KEY, GATEWAY_PROVIDER: provider, GATEWAY_OPERATIONS } = process.env;
const called = new Set();
const admin = noting(new GatewayClient({ baseUrl, apiKey: GATEWAY_ADMIN_KEY }));
const developer = noting(new GatewayClient({ baseUrl, apiKey: GATEWAY_DEVELOPER_KEY }));

after(() => assert.deepEqual([...called].sort(), GATEWAY_OPERATIONS.split(',').sort(), 'Operations that were not called, or that the contract lacks.'));

function noting(client) {
    const note = target => new Proxy(target, {
        get: (_, name) => typeof target[name] === 'function' ? (...args) => (called.add(name), target[name](...args)) : target[name],
    });
    return Object.fromEntries(Object.entries(client).map(([tag, operations]) => [tag, note(operations)]));
}

async function refused(status, call) {
    try {
        await call;
    } catch (error) {
        assert.ok(error instanceof GatewayError, String(error));
        assert.equal(error.status, status, error.message);
        assert.equal(typeof error.error, 'string');
        return error;
    }
    assert.fail(`not answered ${status}`);
}

const topicOf = subject => subject.split('.').at(-1);

test('collections', async () => {
    const { collections } = developer;
    const created = await collections.createCollection({ name: 'Billing Steps', collection_type: 'node', description: 'first' });
    const { topic, subject } = created.value;
    assert.equal(created.status, 201);
    assert.equal(created.location, `/hub/collections/node/${topic}`);

    const read = await collections.getCollection('node', topic);
    assert.deepEqual([read.etag, read.value.description, read.value.type], [created.etag, 'first', 'created']);
    const known = await collections.getCollection('node', topic, { ifNoneMatch: read.etag });
    assert.deepEqual([known.status, known.value, known.etag], [304, undefined, read.etag]);
    const changed = await collections.updateFlowOrNodeCollection('node', topic, { subject, description: '' }, { ifMatch: read.etag });
    assert.notEqual(changed.etag, read.etag);
    await refused(412, collections.updateFlowOrNodeCollection('node', topic, { subject }, { ifMatch: read.etag }));

    for (const name of ['one', 'two', 'three']) {
        await collections.createCollection({ name, collection_type: 'node' });
    }
    const names = [];
    let cursor;
    do {
        const page = await collections.listCollections({ collectionType: 'node', limit: 3, cursor });
        assert.equal(page.value.results_total, 4);
        names.push(...page.value.results.map(collection => collection.name));
        cursor = page.value.next_cursor;
    } while (cursor);
    assert.deepEqual(names.sort(), ['Billing Steps', 'one', 'three', 'two']);

    const other = (await collections.listCollections()).value.results.find(collection => collection.topic !== topic).topic;
    const deleted = await collections.deleteCollection('node', topic, { moveResourcesToCollection: other, ifMatch: changed.etag });
    assert.equal(deleted.value.message, 'success');
    await refused(404, collections.getCollection('node', topic));
});

test('nodes', async () => {
    const { nodes } = developer;
    const collection = (await developer.collections.createCollection({ name: 'Nodes', collection_type: 'node' })).value;
    const payload = { z: [1.5, null, 'é"'], a: { deep: true } };
    const created = await nodes.createNode({ collection: collection.subject, data: { name: 'Ask', node_type: 'human-in-the-loop', payload, response_map: null } });
    const topic = topicOf(created.value.subject);
    const read = await nodes.getNode(collection.topic, topic);
    assert.equal(read.etag, created.etag);
    assert.deepEqual([read.value.data.payload, read.value.data.response_map, read.value.data.node_type], [payload, null, 'human-in-the-loop']);
    assert.equal(JSON.stringify(read.value.data.payload), JSON.stringify(payload), 'Members keep their order.');

    const changed = await nodes.updateNode(collection.topic, topic, { subject: read.value.subject, data: read.value.data, archived: true }, { ifMatch: read.etag });
    assert.deepEqual((await nodes.listNodeTemplates({ collectionTopic: collection.topic })).value.results.map(node => node.archived), [true]);

    const update = { subject: read.value.subject, data: { name: 'Renamed', payload: 1 } };
    assert.equal((await nodes.updateMultipleNodes([update])).value[0].result, 'success');
    const failure = await refused(400, nodes.updateMultipleNodes([update, { ...update, subject: `ms.hub.config.node.${collection.topic}.1` }]));
    assert.ok(isUpdateMultipleNodes400(failure));
    assert.deepEqual(failure.body.body.map(outcome => outcome.result.split(':')[0]), ['success', 'error']);

    await refused(412, nodes.deleteNode(collection.topic, topic, { ifMatch: changed.etag }));
    assert.equal((await nodes.deleteNode(collection.topic, topic)).value.message, 'success');
});

test('workflows', async () => {
    const { workflows } = developer;
    const collection = (await developer.collections.createCollection({ name: 'Flows', collection_type: 'workflow' })).value;
    const config = payload => ({
        nodes: [{ data: { id: 'a', node_type: 'map', payload }, position: { x: 10 } }],
        edges: [],
        static: { 'ключ': { x: 1.5 } },
        options: { run_type: 'ordered' },
    });
    const created = await workflows.createWorkflow({ name: 'Intake', collection: collection.subject, config: config(1) });
    const { subject } = created.value;
    const topic = topicOf(subject);
    assert.deepEqual(created.value.config, config(1));
    await refused(404, workflows.getWorkflow(collection.topic, topic));
    const published = await workflows.publishWorkflow({ subject }, { ifMatch: created.etag });
    assert.equal((await workflows.getWorkflow(collection.topic, topic)).etag, published.etag);

    const changed = await workflows.updateWorkflow(collection.topic, topic, { subject, name: 'Renamed', config: config(2) });
    assert.equal(changed.value.name, 'Renamed');
    assert.deepEqual((await workflows.listWorkflows({ filter: 'draft' })).value.results.map(workflow => workflow.name), ['Renamed']);

    const flow = (await workflows.createWorkflow({
        name: 'Runs', collection: collection.subject,
        config: { nodes: [{ data: { id: 'a', node_type: 'map', payload: '$.trigger.claim' } }, { data: { id: 'b', node_type: 'delay', payload: { time_ms: '$.trigger.wait' } } }], edges: [{ source: 'a', target: 'b' }], result: 'a' },
    })).value;
    const run = (trigger, rest, options) => workflows.runWorkflow(collection.topic, topicOf(flow.subject), { trigger, ...rest }, { draft: true, ...options });
    assert.equal((await run({ claim: 7, wait: 0 }, { await: true })).value.result, 7);
    const started = await run({ wait: 60000 }, {}, { idempotencyKey: 'once' });
    assert.equal(started.location, `/hub/workflows/runs/${started.value.trackingId.split('.')[3]}`);
    assert.deepEqual((await workflows.listRuns({ flowSubject: flow.subject, limit: 1 })).value.results.map(found => found.trackingId), [started.value.trackingId]);
    assert.equal((await workflows.cancelRun(started.value.trackingId)).value.message, 'success');
    assert.equal((await workflows.getRun(started.value.trackingId)).value.status, 'cancelled');
    const failed = await refused(422, run({ wait: -1 }, { await: true }));
    assert.equal(failed.body.node, 'b');
    assert.equal((await workflows.listErroredRuns({ flowSubject: flow.subject })).value.results[0].trackingId, failed.body.trackingId);
    assert.equal((await workflows.listPausedRuns()).value.results_total, 0);
    assert.equal((await workflows.retryRun(failed.body.trackingId)).value.message, 'success');
    const queue = (await workflows.createWorkflow({
        name: 'Queue', collection: collection.subject, config: { nodes: [{ data: { id: 'a', node_type: 'map', payload: 1 } }], edges: [], options: { run_type: 'ordered', order_on: '$.trigger.k' } },
    })).value;
    assert.equal((await workflows.runWorkflow(collection.topic, topicOf(queue.subject), { trigger: { k: 17 } }, { draft: true })).value, 'ordered run: 17');

    const versions = [];
    let cursor;
    do {
        const page = await workflows.workflowHistory(collection.topic, topic, { draft: true, limit: 1, cursor });
        versions.push(...page.value.map(version => version.nodes[0].data.payload));
        cursor = page.nextCursor;
    } while (cursor);
    assert.deepEqual(versions.sort(), [1, 2]);
    assert.equal((await workflows.deleteWorkflow(collection.topic, topic, { draft: true })).value.message, 'success');
});

test('providers', async () => {
    const found = (await developer.providers.listProviders({ search: 'GitHub', limit: 10 })).value;
    assert.deepEqual([found.results.map(provider => provider.provider_id), found.results_total], [['github'], 1]);
    assert.equal((await developer.providers.getProvider('github')).value.config.token_url, 'https://github.com/login/oauth/access_token');
    await refused(404, developer.providers.getProvider('no-such'));
});

test('oauth', async () => {
    const { oauth } = developer;
    const config = {
        integration_id: 'fake', name: 'Fake', scopes: 'read,write', client_id: 'id', client_secret: 'secret',
        auth_url: `${provider}/authorize`, token_url: `${provider}/token`, redirect_url: 'https://api.quiva.ai/hub/integrations/oauth-callback',
        variables: [{ name: 'shop', in: 'login' }],
    };
    const stored = await admin.oauth.putIntegrationsOauthConfig('fake', config);
    await refused(403, oauth.putIntegrationsOauthConfig('fake', config));
    assert.equal((await oauth.getIntegrationOauthConfig('fake')).etag, stored.etag);
    assert.deepEqual((await oauth.getIntegrationsOauthConfigs()).value.results.map(found => found.subject), ['ms.integration.oauth.config.fake']);

    const asked = new URL((await oauth.getIntegrationsOauthLogin('fake', 'maria', { scopes: 'read', variables: { shop: 'acme' } })).value.oauth_url).searchParams;
    const sent = { code: 'the-code', state: asked.get('state') };
    assert.equal((await oauth.integrationsOauthCallback(sent)).value.subject, 'ms.integration.oauth.acme.fake.maria');
    await refused(401, oauth.integrationsOauthCallback(sent));

    const { session } = (await oauth.getIntegrationsOauthLogin('fake', 'maria', { returnUrl: 'https://app.example.com/back', variables: { shop: 'acme' } })).value;
    const handle = 'A'.repeat(43);
    await refused(404, oauth.finishIntegrationsOauthLogin('fake', 'maria', { handle, session }));
    await refused(401, oauth.integrationOauthCallback('fake', { state: 'unknown' }));
    await refused(401, oauth.confirmIntegrationsOauthLogin({ handle, decision: 'connect' }));

    const connection = (await oauth.getIntegrationsOauthConnection('fake', 'maria')).value;
    assert.equal(connection.access_token, 'access-1');
    assert.deepEqual(connection.variables, { shop: 'acme' });
    assert.equal((await oauth.getIntegrationsOauthConnections()).value.results_total, 1);
    assert.equal((await oauth.getIntegrationConnections('fake')).value.results[0].subject, connection.subject);
    assert.equal((await oauth.refreshIntegrationsOauthToken('fake', 'maria', { refreshToken: connection.refresh_token })).value.token_type, 'Bearer');
    assert.equal((await oauth.renewIntegrationsOauthToken('fake', 'maria', { refresh_token: connection.refresh_token })).value.token_type, 'Bearer');
    assert.equal((await oauth.deleteIntegrationsOauthConnection('fake', 'maria')).value.message, 'success');
    await refused(404, oauth.getIntegrationsOauthConnection('fake', 'maria'));
    await admin.oauth.deleteIntegrationsOauthConfig('fake', { ifMatch: stored.etag });
});

test('api keys', async () => {
    const made = await developer.apiKeys.createApiKey({ name: 'Nightly import', roles: ['developer'], expires_in_days: 1 });
    const { id, key } = made.value;
    const other = new GatewayClient({ baseUrl, apiKey: key });
    assert.ok((await other.collections.listCollections()).value.results_total >= 0);
    assert.ok((await developer.apiKeys.listApiKeys()).value.results.some(found => found.id === id && !('key' in found)));
    assert.equal((await developer.apiKeys.revokeApiKey(id)).value.message, 'success');
    await refused(401, other.collections.listCollections());
});

test('failures', async () => {
    await refused(400, developer.collections.createCollection({ name: '', collection_type: 'node' }));
    const stranger = new GatewayClient({ baseUrl, bearerToken: async () => 'no.such.token' });
    const unauthorized = await refused(401, stranger.collections.listCollections());
    assert.match(unauthorized.headers.get('WWW-Authenticate'), /^Bearer/);
    assert.match(unauthorized.message, /^listCollections was answered 401: /);
    await developer.collections.createCollection({ name: 'twice', collection_type: 'node' });
    await refused(409, developer.collections.createCollection({ name: 'twice', collection_type: 'node' }));
    await assert.rejects(developer.collections.listCollections({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    await assert.rejects(developer.oauth.getIntegrationOauthConfig('..'), TypeError);
    assert.throws(() => new GatewayClient({ baseUrl: 'http://gateway.example' }), TypeError);
    assert.throws(() => new GatewayClient({ baseUrl, apiKey: 'a', bearerToken: () => 'b' }), TypeError);

    const answering = (body, init) => new GatewayClient({ baseUrl, apiKey: 'a', fetch: async () => new Response(body, init) }).collections.listCollections();
    await assert.rejects(answering('<html>', { status: 502 }), { status: 502, error: undefined, body: '<html>' });
    await assert.rejects(answering('{"error":"busy"}', { status: 503, headers: { 'Retry-After': '7' } }), { status: 503, error: 'busy', retryAfter: 7 });
    await assert.rejects(answering('<html>', { status: 200 }), { name: 'GatewayError' });
});
