let calls = 0;

export default {
  async fetch() {
    return new Response(JSON.stringify({ message: "hello", calls: ++calls }), {
      headers: { "content-type": "application/json" },
    });
  },
};
