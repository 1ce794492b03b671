/* compiler/lower/native.c - Natives: a row of the image for each, with the library's hash, and an instruction for
 * each call. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

#include "compiler/lower/natives.h"

/* A program that is only checked needs no hash: its libraries need not be found. */
static bool find_hash(struct lowerer *l, const struct node *node, uint8_t hash[IR_NATIVE_HASH])
{
    assert(node->kind == NODE_NATIVE);
    const struct compile_natives *natives = l->program->natives;
    struct word library = node->native.library;
    char why[256] = "name its folder by --native DIR";
    if (!natives && l->program->check_only) return true;
    if (natives && natives->hash(natives->self, library.text, hash, why, sizeof why)) return true;
    diag_report(l->program->diags, NATIVE_LIBRARY, library.span, library.text, why);
    return false;
}

void lower_natives(struct lowerer *l)
{
    uint32_t count = 0;
    for (const struct body *body = l->checked->bodies; body; body = body->next) count += body->native;
    l->ir->natives = ARENA_ARRAY(l->arena, struct ir_native, count + 1);
    for (struct body *body = l->checked->bodies; body; body = body->next) {
        if (!body->native) continue;
        const struct node *node = body->node;
        struct ir_native *row = &l->ir->natives[l->ir->native_count];
        *row = (struct ir_native){.library = node->native.library.text,
                                  .name = node->native.name.text,
                                  .result = lower_type(l, body->result),
                                  .parameter_count = body->param_count};
        for (uint32_t i = 0; i < body->param_count; i++) row->parameters[i] = lower_type(l, body->params[i]->type);
        const struct ir_native *same = l->ir->natives;
        while (same < row && strcmp(same->library, row->library) != 0) same++;
        if (same < row)
            memcpy(row->hash, same->hash, sizeof row->hash);
        else if (!find_hash(l, node, row->hash))
            return; /* said once */
        l->ir->native_count++;
    }
}

uint32_t lower_native_call(struct lowerer *l, const struct body *native, uint32_t *arguments, uint32_t result)
{
    uint32_t number = 0;
    /* every native has a row, and its name is unique */
    while (strcmp(l->ir->natives[number].name, native->name) != 0) number++;
    struct ir_instruction *call = lower_add(l, I_NATIVE);
    call->operand[0] = result;
    call->literal = number;
    call->arguments = arguments;
    call->argument_count = native->param_count;
    return result;
}
