// Calls every operation of the kitchen sink with the TypeScript client. GATEWAY_URL is where it is served.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Gateway, GatewayError } from '../dist/runtime.js';
import { SinkClient } from '../dist/sink.js';

const sink = new SinkClient(new Gateway({ baseUrl: process.env.GATEWAY_URL }));
const id = '5f0c1b7e-0d4e-4b58-9c55-7a2a8a0e2d11';

test('parameters of every kind arrive', async () => {
    const answer = await sink.listSink({
        xCount: 3,
        ids: [1, 2],
        names: ['a b', 'c&d'],
        colors: ['red', '1'],
        filter: { name: 'é', min: 4 },
        labels: { x: '1', 'y z': '=' },
        day: '2026-11-25',
        id,
        at: '2026-11-25T01:02:03+02:00',
        size: 5,
        ratio: 1.5,
        level: 2,
        hint: 'h',
        isOpen: true,
        xTrace: 't',
        session: 'a b',
    });
    assert.deepEqual(JSON.parse(answer.value.text), {
        ids: [1, 2],
        names: ['a b', 'c&d'],
        colors: ['red', '1'],
        filter: { name: 'é', min: 4 },
        labels: { x: '1', 'y z': '=' },
        day: '2026-11-25',
        id,
        at: '2026-11-25T01:02:03+02:00',
        size: 5,
        ratio: 1.5,
        level: 2,
        hint: 'h',
        is_open: true,
        x_Trace: 't',
        x_Count: 3,
        session: 'a b',
    });
    await assert.rejects(async () => sink.listSink({ xCount: 3, names: ['a,b'] }), TypeError);
});

test('each success has its status', async () => {
    assert.equal((await sink.listSink({ xCount: 1, session: 'later' })).status, 202);
    const nothing = await sink.listSink({ xCount: 1, session: 'nothing' });
    assert.deepEqual([nothing.status, nothing.value], [204, undefined]);
    await assert.rejects(sink.listSink({ xCount: 1, session: 'bad' }), (error) => error instanceof GatewayError && error.status === 418 && error.body.code === 7);
});

test('bodies of every kind go there and back', async () => {
    const thing = {
        id,
        day: '2026-01-02',
        level: 3,
        note: null,
        levels: [1, 2],
        colors: ['dark-blue'],
        labels: { a: 'b' },
        map: { n: 1 },
        objects: { o: { text: 't' } },
        free: [1],
        blob: 'AQID',
    };
    const answer = await sink.putThing(thing.day, id, thing);
    assert.deepEqual(answer.value, { ...thing, size: 7, name: 'none' });
});

test('files go there and back', async () => {
    assert.equal(await (await sink.getFile('naïve')).value.text(), 'naïve');
    assert.equal((await sink.putFile('same', new Blob(['same']))).status, 204);
    const file = new File(['bytes'], 'f.txt', { type: 'text/plain' });
    const answer = await sink.uploadFile('n', { file, note: 'a note' });
    assert.equal(answer.value.text, 'n f.txt text/plain bytes a note');
});

test('alternatives go there and back', async () => {
    for (const pet of [{ kind: 'cat', lives: 9 }, { kind: 'kitten', lives: 1 }, { kind: 'dog', name: 'Rex' }]) {
        assert.deepEqual((await sink.putPet(pet)).value, pet);
    }
    const zoo = {
        pet: { kind: 'dog', name: 'Rex' },
        pets: [{ kind: 'cat', lives: 3 }],
        by_name: { a: { kind: 'kitten', lives: 1 } },
        shape: { side: 2 },
    };
    for (const loose of [{ radius: 1 }, 5, true, 'dark-blue', 'free']) {
        assert.deepEqual((await sink.putZoo({ ...zoo, loose })).value, { ...zoo, loose });
    }
});
