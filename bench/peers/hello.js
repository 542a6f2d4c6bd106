export default {
  async fetch(request) {
    const url = new URL(request.url);
    const body = JSON.stringify({ message: "hello", path: url.pathname, name: url.searchParams.get("name") });
    return new Response(body, { headers: { "content-type": "application/json" } });
  },
};
