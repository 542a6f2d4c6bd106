export function installWebAssembly(): void {}
export function dropModules(): void {}
