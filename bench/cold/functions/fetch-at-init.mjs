/** Configuration that is fetched before the first event, as from a parameter store. */
let calls = 0;

const response = await fetch(`${process.env.SETTINGS_URL}/settings.json`);
if (!response.ok) throw new Error(`the settings answer ${response.status}`);
const settings = await response.json();

export const handler = async () => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ greeting: settings.greeting, calls: ++calls }),
});
