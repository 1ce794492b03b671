/* compiler/import/tests.c - A first test for each imported strategy: every step that asks something fails, and the
 * test expects the strategy's first step.
 *
 *     test "welcome: what it asks fails" {
 *         ivr.menu(prompt Main) -> fail no_input;         test_answers(): one line per step that asks
 *         call welcome from "+15550100" to "1800";
 *         expect ivr.play(prompt Welcome);                test_first(): only where it does not depend on the caller
 *     }
 *
 * The author extends the test. A test that claims more than is certain would be wrong for some callers. */
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"

enum { TEST_STEPS = 400, TEST_NUMBER_BYTES = 64 /* no test calls a longer number */ };

/* True: a test does not see the block, so the next one is taken. */
static bool test_passes(const struct flow_block *block)
{
    bool silent = block->kind == FLOW_prompt && !block->played;
    if (block->given) return block->given->passes;
    return silent || block->disabled || block->kind == FLOW_entry || block->kind == FLOW_assign ||
           block->kind == FLOW_log || block->kind == FLOW_user_data;
}

/* Returns the first block at which every call waits, before any branch; NULL: the first block depends on the caller. */
static const struct flow_block *test_first(const struct flow *flow)
{
    uint32_t at = flow->entry;
    for (unsigned i = 0; i < 200 && at != FLOW_NOWHERE; i++) {
        const struct flow_block *block = &flow->blocks[at];
        const struct flow_value *condition = flow_find(block->values, "condition");
        bool asks = condition && *condition->value && !block->disabled;
        if (asks || !block->written) return NULL;
        if (test_passes(block)) {
            at = flow_exit_to(block, "");
            continue;
        }
        if (block->given) return block->given->first ? block : NULL;
        if (block->kind == FLOW_http || block->kind == FLOW_menu || block->kind == FLOW_digits ||
            block->kind == FLOW_prompt || block->kind == FLOW_acknowledge || block->kind == FLOW_reply ||
            block->kind == FLOW_disconnect)
            return block->grade == FLOW_LEFT ? NULL : block;
        return NULL;
    }
    return NULL;
}

/* Writes a line of the test: with `after` one that answers the step with a failure, else one that expects the step. */
static void test_step(struct importer *import, FILE *out, const struct flow_block *block, const char *before,
                      const char *after)
{
    /* A block whose prompt is a text has no named prompt, so the test's line names the step without a prompt. */
    bool declared = flow_names_find(&import->site_names, arena_printf(import->arena, "prompt %s", block->name)) != NULL;
    if (block->given) {
        fprintf(out, "%s%s%s\n", before, *after ? block->given->answers : block->given->first, *after ? "" : ";");
        return;
    }
    const char *prompt = name_label(import->arena, block->name),
               *asks = declared ? arena_printf(import->arena, "(prompt %s)", prompt) : "";
    if (block->kind == FLOW_http && block->own)
        fprintf(out, "%shttp.%s%s;\n", before, block->own, *after ? " -> fail unavailable" : "");
    if (block->kind == FLOW_prompt && !*after) fprintf(out, "%s%s;\n", before, block->played);
    if (block->kind == FLOW_acknowledge || block->kind == FLOW_reply)
        if (!*after) fprintf(out, "%semail.%s;\n", before, block->kind == FLOW_reply ? "reply" : "acknowledge");
    if (block->kind == FLOW_disconnect && !*after) fprintf(out, "%sstopped;\n", before);
    if (block->kind == FLOW_menu) fprintf(out, "%sivr.menu%s%s;\n", before, asks, *after ? " -> fail no_input" : "");
    if (block->kind == FLOW_record)
        fprintf(out, "%sivr.record%s%s;\n", before, asks, *after ? " -> fail not_applied" : "");
    if (block->kind == FLOW_digits)
        fprintf(out, "%sivr.digits%s%s;\n", before, asks, *after ? " -> fail no_input" : "");
}

/* Writes answers to all steps that a strategy may wait for, itself or in flows that it calls. */
static void test_answers(struct importer *import, FILE *out, const struct flow *flow, struct flow_names *told,
                         unsigned depth, unsigned *steps)
{
    static char there[] = "";
    for (uint32_t i = 0; i < flow->block_count && depth < 8; i++) {
        const struct flow_block *block = &flow->blocks[i];
        if (!block->written || block->disabled || block->grade == FLOW_LEFT) continue;
        if (block->given) {
            if (block->given->answers && *steps < TEST_STEPS &&
                flow_names_add(import->arena, told, block->given->answers, there))
                test_step(import, out, block, "", "fail"), ++*steps;
            const struct flow *calls = block->given->calls;
            if (calls && flow_names_add(import->arena, told, arena_printf(import->arena, "/%s", calls->ident), there))
                test_answers(import, out, calls, told, depth + 1, steps);
            continue;
        }
        struct flow *played = block->kind == FLOW_application || block->kind == FLOW_subroutine
                                  ? import_called_flow(import, flow, block)
                                  : NULL;
        if (played && flow_names_add(import->arena, told, arena_printf(import->arena, "/%s", played->ident), there))
            test_answers(import, out, played, told, depth + 1, steps);
        if (block->kind == FLOW_application && !played && flow_names_add(import->arena, told, "ivr.application", there))
            fputs("ivr.application -> fail failed;\n", out);
        bool declared = flow_names_find(&import->site_names, arena_printf(import->arena, "prompt %s", block->name));
        const char *key =
            block->own ? block->own : arena_printf(import->arena, "%u %s", block->kind, declared ? block->name : "");
        if (*steps < TEST_STEPS && flow_names_add(import->arena, told, key, there))
            test_step(import, out, block, "", "fail"), ++*steps;
    }
}

void import_write_tests(struct importer *import, struct flow *flow)
{
    char *text = NULL;
    size_t length;
    struct flow_names told = {0};
    unsigned steps = 0;
    if (flow->called_by || flow->sort == FLOW_PROCESS || flow->sort == FLOW_TOLD) return;
    FILE *out = open_memstream(&text, &length);
    if (!out) abort();
    const struct flow_block *first = test_first(flow);
    const char *number = flow->number && strlen(flow->number) <= TEST_NUMBER_BYTES ? flow->number : "1800";
    fprintf(out,
            "import %s;\n\n// To begin with: nobody answers what the strategy asks. Write what is to become of each "
            "caller.\n",
            flow->ident);
    fprintf(out, "test \"%s: what it asks fails\" {\n", flow->ident);
    test_answers(import, out, flow, &told, 0, &steps);
    if (flow_is_mail(flow))
        fprintf(out, "email %s from \"a@example.com\" to \"b@example.com\";\n", flow->ident);
    else
        fprintf(out, "call %s from \"+15550100\" to %s;\n", flow->ident, name_quoted(import->arena, number, true));
    if (first)
        test_step(import, out, first, "expect ", "");
    else
        fputs("// expect ...;  what comes first depends on the caller\n", out);
    fputs("}\n", out);
    if (fclose(out) != 0) abort();
    import_file_add(import, arena_printf(import->arena, "%s_tests.gcx", flow->ident), text);
}
