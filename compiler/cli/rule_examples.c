/* compiler/cli/rule_examples.c - Plays the examples of a site's own rules.
 *
 *     wrong { route queue desk; }          a file beside the site: strategy example on voice { route queue desk; }
 *     wrong { strategy Bad on chat { } }   a file beside the site with these declarations
 *     wrong { site { queue Desk; } }       the site with these lines more
 *
 * The text stands in its file on the line on which it stands in the site, so that a message names the right line. The
 * judge for all files judges the example, too; only findings of this rule within the example count. */
#include "compiler/cli/rule_examples.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/lint/lint.h"
#include "compiler/syntax/program.h"
#include "base/memory.h"

struct rule_example {
    const struct node *rule, *node;
};

struct rule_examples {
    struct compilation *compilation;
    const struct source *source; /* the site's */
    struct rule_example *of;
    uint32_t count;
};

struct rule_examples *rule_examples_open(struct compilation *compilation, char *const *paths, size_t count)
{
    const struct program *program = compilation_program(compilation);
    const struct node *site = program->site;
    const struct source *source = site ? source_set_at(program->sources, site->span.begin) : NULL;
    bool named = false;
    for (size_t i = 0; source && i < count; i++) named = named || source_set_find(program->sources, paths[i]) == source;
    if (!named) return NULL;
    struct rule_examples *examples = memory_zeroed(1, sizeof *examples);
    examples->compilation = compilation;
    examples->source = source;
    EACH_NODE (rule, site->site.items) {
        if (rule->kind != NODE_SITE_RULE) continue;
        EACH_NODE (line, rule->site_rule.lines) {
            if (line->kind != NODE_RULE_EXAMPLE) continue;
            examples->of = memory_more(examples->of, examples->count, sizeof *examples->of);
            examples->of[examples->count++] = (struct rule_example){rule, line};
        }
    }
    return examples;
}

void rule_examples_close(struct rule_examples *examples)
{
    if (!examples) return;
    free(examples->of);
    free(examples);
}

uint32_t rule_examples_count(const struct rule_examples *examples)
{
    return examples ? examples->count : 0;
}

struct sim_test rule_examples_at(const struct rule_examples *examples, uint32_t index)
{
    const struct program *program = compilation_program(examples->compilation);
    const struct rule_example *one = &examples->of[index];
    const char *name =
        arena_printf(program->arena, "rule %s: %s", one->rule->site_rule.name.text, one->node->rule_example.what.text);
    return (struct sim_test){.name = name,
                             .file = examples->source->path,
                             .line = source_set_position(program->sources, one->node->span.begin).line};
}

/* ---- playing ---- */

struct example_texts { /* texts that the compilation of the example reads in place of files */
    const char *path, *site_path;
    char *text, *site_text;
    size_t length, site_length;
    size_t own_end;          /* behind this offset the text is not the example's, but ends its strategy */
    size_t added, added_end; /* the part of the site's text that the example adds */
};

static const char *example_read(void *self, const char *path, size_t *length)
{
    const struct example_texts *texts = self;
    bool own = strcmp(path, texts->path) == 0;
    if (!own && strcmp(path, texts->site_path) != 0) return NULL;
    *length = own ? texts->length : texts->site_length;
    return own ? texts->text : texts->site_text;
}

static void example_put(const struct source *source, FILE *out, uint32_t begin, uint32_t end)
{
    fwrite(source->text + (begin - source->base), 1, end - begin, out);
}

/* Writes line ends up to the line of the place. */
static void example_put_lines(FILE *out, struct position at, uint32_t *line)
{
    for (; *line < at.line; ++*line) putc('\n', out);
}

static bool example_declares(const struct node *example)
{
    const struct node *first = example->rule_example.parts.first;
    return first && (first->kind == NODE_CONST || first->kind == NODE_RECORD || first->kind == NODE_ENUM ||
                     first->kind == NODE_FUNCTION || first->kind == NODE_NATIVE || first->kind == NODE_STRATEGY ||
                     first->kind == NODE_SITE);
}

/* Returns the offset behind the first brace of the text from `begin` on: of a name in quotes there is none before. */
static uint32_t example_inside(const struct source *source, uint32_t begin)
{
    return begin + 1 + (uint32_t)strcspn(source->text + (begin - source->base), "{");
}

/* Returns the offset behind what the example itself says. */
static size_t example_write(const struct rule_examples *examples, const struct node *example, FILE *out)
{
    const struct source *source = examples->source;
    const struct source_set *sources = compilation_program(examples->compilation)->sources;
    uint32_t line = 1, begin = example_inside(source, example->span.begin);
    if (!example_declares(example)) {
        example_put_lines(out, source_set_position(sources, begin), &line);
        fputs("strategy example on voice {", out);
        example_put(source, out, begin, example->span.end - 1);
        const size_t end = (size_t)ftell(out);
        fputs(" stop \"\"; }", out); /* the example's statements need not end a strategy */
        return end;
    }
    EACH_NODE (part, example->rule_example.parts) {
        struct position at = source_set_position(sources, part->span.begin);
        if (part->kind == NODE_SITE) continue;
        example_put_lines(out, at, &line);
        example_put(source, out, part->span.begin, part->span.end);
        line = source_set_position(sources, part->span.end).line;
        putc(' ', out);
    }
    return (size_t)ftell(out);
}

/* Writes the site's text, in which the content of the example's `site { }` replaces the rule and keeps its lines; the
 * rule itself follows at the end. */
static void example_write_site(const struct rule_examples *examples, const struct rule_example *one,
                               struct example_texts *texts, FILE *out)
{
    const struct source *source = examples->source;
    const struct program *program = compilation_program(examples->compilation);
    struct source_span rule = one->rule->span, site = program->site->span;
    uint32_t line = source_set_position(program->sources, rule.begin).line;
    example_put(source, out, source->base, rule.begin);
    texts->added = (size_t)ftell(out);
    EACH_NODE (part, one->node->rule_example.parts) {
        if (part->kind != NODE_SITE) continue;
        uint32_t begin = example_inside(source, part->span.begin);
        example_put_lines(out, source_set_position(program->sources, begin), &line);
        example_put(source, out, begin, part->span.end - 1);
        line = source_set_position(program->sources, part->span.end).line;
    }
    texts->added_end = (size_t)ftell(out);
    example_put_lines(out, source_set_position(program->sources, rule.end), &line);
    example_put(source, out, rule.end, site.end - 1);
    putc('\n', out);
    example_put(source, out, rule.begin, rule.end);
    example_put(source, out, site.end - 1, source->base + (uint32_t)source->length);
}

/* Counts what the rule finds in the example. */
static size_t example_found(struct compilation *compilation, const char *name, const struct example_texts *texts)
{
    const struct program *program = compilation_program(compilation);
    size_t found = 0;
    for (const struct diag *diag = diags_first(program->diags); diag; diag = diag->next) {
        struct position at = source_set_position(program->sources, diag->span.begin);
        if (diag->dropped || !diag->own || strcmp(diag->own->name, name) != 0 || !at.source) continue;
        size_t offset = diag->span.begin - at.source->base;
        bool own = strcmp(at.source->path, texts->path) == 0 && offset < texts->own_end;
        found += own || (offset >= texts->added && offset < texts->added_end);
    }
    return found;
}

static bool example_judged(const struct rule_examples *examples, const struct rule_example *one, FILE *out,
                           const struct example_texts *texts)
{
    const char *name = one->rule->site_rule.name.text, *what = one->node->rule_example.what.text;
    const char *paths[] = {texts->path, texts->site_path};
    struct source_overlay overlay = {(void *)(uintptr_t)texts, example_read};
    struct lint_options rules = {.rules = name};
    struct compile_options how = {.site = texts->site_path, .check_only = true, .lint = &rules, .overlay = &overlay};
    struct compilation *compilation = compiler_compile(paths, 2, &how);
    bool sound = compilation_sound(compilation), wrong = strcmp(what, "wrong") == 0;
    bool good = sound && (example_found(compilation, name, texts) > 0) == wrong;
    struct sim_test test = rule_examples_at(examples, (uint32_t)(one - examples->of));
    if (!sound)
        compilation_print(compilation, out);
    else if (!good) {
        fprintf(out,
                wrong ? "  %s:%u: the rule finds nothing in what is wrong\n"
                      : "  %s:%u: the rule finds something in what is right\n",
                test.file, test.line);
        compilation_print(compilation, out);
    }
    compilation_free(compilation);
    return good;
}

bool rule_examples_play(const struct rule_examples *examples, uint32_t index, FILE *out)
{
    const struct rule_example *one = &examples->of[index];
    struct arena *arena = arena_new();
    const char *path = examples->source->path, *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    struct example_texts texts = {.site_path = path};
    texts.path = arena_printf(arena, "%.*sexample of %s", folder, path, one->rule->site_rule.name.text);
    FILE *text = memory_stream(&texts.text, &texts.length);
    texts.own_end = example_write(examples, one->node, text);
    fclose(text);
    text = memory_stream(&texts.site_text, &texts.site_length);
    example_write_site(examples, one, &texts, text);
    fclose(text);
    bool good = example_judged(examples, one, out, &texts);
    free(texts.text);
    free(texts.site_text);
    arena_free(arena);
    return good;
}
