// Of the cases that web-platform-tests has for `data:` URLs, the data: how they are run there is in no registry.

promise_test(async () => {
  const cases = await (await fetch('resources/data-urls.json')).json();
  for (const [input, type, body = []] of cases) {
    promise_test(async (t) => {
      if (type === null) return promise_rejects_js(t, TypeError, fetch(input));
      const response = await fetch(input);
      assert_equals(response.status, 200, 'status');
      assert_equals(response.headers.get('content-type'), type, 'type');
      assert_array_equals(new Uint8Array(await response.arrayBuffer()), body, 'body');
    }, input);
  }
}, 'data URLs');
