/* compiler/import/report.c - Writes the report: what became of each block, by file and line, and what people have to
 * decide. */
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"
#include "base/shown.h"

static const char *report_grade(const struct flow_block *block, unsigned counts[FLOW_GRADES + 1])
{
    if (!block->written) {
        counts[FLOW_GRADES]++;
        return "not reached";
    }
    counts[block->grade]++;
    static const char *const grades[] = {"translated", "with a remark", "not translated"};
    return grades[block->grade];
}

/* Returns the remarks without the words that their grade says already: "not translated: not translated: why". */
static const char *report_remark(struct arena *arena, const struct flow_block *block)
{
    static const char said[] = "not translated: ";
    const char *remark = block->remark, *kept = "";
    if (block->grade != FLOW_LEFT) return block->written ? remark : "";
    for (bool begins = true; *remark;) {
        if (begins && strncmp(remark, said, sizeof said - 1) == 0) remark += sizeof said - 1;
        size_t length = strcspn(remark, ";");
        begins = strncmp(remark + length, "; ", 2) == 0;
        length += begins ? 2 : remark[length] == ';';
        kept = arena_printf(arena, "%s%.*s", kept, (int)length, remark);
        remark += length;
    }
    return kept;
}

void import_write_report(struct importer *import)
{
    char *text = NULL;
    size_t length;
    unsigned counts[FLOW_GRADES + 1] = {0};
    FILE *out = open_memstream(&text, &length);
    if (!out) abort();
    for (const struct import_problem *problem = import->problems; problem; problem = problem->next)
        shown_print(out, "%s: not read: %s\n", problem->path, problem->why);
    for (const struct flow *flow = import->flows; flow; flow = flow->next) {
        shown_print(out, "\n%s: %s%s\n", flow->path,
                    flow->sort == FLOW_TOLD ? flow->told
                    : flow->sort == FLOW_PROCESS
                        ? "which strategies there are; the directory's routing points and queues name them"
                    : flow->called_by ? "subroutine "
                                      : "strategy ",
                    flow->sort == FLOW_PROCESS || flow->sort == FLOW_TOLD ? "" : flow->ident);
        for (uint32_t i = 0; i < flow->block_count; i++) {
            const struct flow_block *block = &flow->blocks[i];
            const char *grade = report_grade(block, counts);
            char *name = shown_copy(block->name), *remark = shown_copy(report_remark(import->arena, block));
            shown_print(out, "%s:%u: %s (%s): %s%s%s\n", block->path ? block->path : flow->path, block->line, name,
                        block->type, grade, *remark ? ": " : "", remark);
            free(name);
            free(remark);
        }
    }
    unsigned all = counts[FLOW_DONE] + counts[FLOW_REMARK] + counts[FLOW_LEFT] + counts[FLOW_GRADES];
    fprintf(out, "\n%u blocks: %u translated, %u with a remark, %u not translated, %u not reached in gcx\n", all,
            counts[FLOW_DONE], counts[FLOW_REMARK], counts[FLOW_LEFT], counts[FLOW_GRADES]);
    if (fclose(out) != 0) abort();
    import_file_add(import, "report.txt", text);
}
