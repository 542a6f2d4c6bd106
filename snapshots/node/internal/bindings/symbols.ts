/** Marks that Node's own code outside of JavaScript looks for. Nobody does here. */
export const onpskexchange = Symbol("onpskexchange");
export const owner_symbol = Symbol("owner");
/** What node:vm takes in the place of an object. */
export const vm_dynamic_import_main_context_default = Symbol("vm_dynamic_import_main_context_default");
export const vm_context_no_contextify = Symbol("vm_context_no_contextify");
