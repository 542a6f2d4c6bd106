/** Made by the guest bundler: every module of the base heap by its `brisk:` name. */
declare module "brisk:registry" {
  const registry: Record<string, unknown>;
  export default registry;
}
