/* A compiled program computes what the language says: sources are compiled, run on the VM, and asked how they stopped.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "vm/exec.h"
#include "vm/steps.h"

TestSuite(compiler_run, .timeout = 30);

static char folder[] = "/tmp/gcx-compiler-run-XXXXXX";
static char said[512];

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    write_file("site.gcx",
               "site { default timeout 10m; skill French, English, Sales; group people; vq service;\n"
               "    queue desk; prompt hold, menu; source db schema \"db.sql\"; default zone \"Europe/Paris\"; }\n");
    write_file("db.sql", "create table t (name text not null, age integer not null, note text);\n");
}

static void remove_folder(void)
{
    static const char *const names[] = {"site.gcx", "db.sql", "s.gcx"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    strcpy(folder + sizeof folder - 7, "XXXXXX");
}

static struct image *compile_text(const char *text)
{
    char path[128];
    const char *files[] = {path};
    struct compile_options options = {.site = NULL};
    struct error error;
    size_t length;
    snprintf(path, sizeof path, "%s/s.gcx", folder);
    write_file("s.gcx", text);
    struct compilation *compilation = compiler_compile(files, 1, &options);
    const uint8_t *bytes = compilation_image(compilation, &length);
    if (!bytes) compilation_print(compilation, stderr);
    cr_assert_not_null(bytes, "it does not compile:\n%s", text);
    struct image *image = image_load(bytes, length, &error);
    compilation_free(compilation);
    cr_assert_not_null(image, "%s", error.text);
    return image;
}

static bool attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    (void)self, (void)block, (void)fiber;
    *word = number == ATTRIBUTE_ID_now ? UINT64_C(1772442000000000) : 7;
    return true;
}

struct run {
    struct image *image;
    struct slab *slab;
    struct vm *vm;
    block_handle block;
};

static const struct vm_host host = {.attribute = attribute};

static struct run begin(const char *text)
{
    struct run run = {.image = compile_text(text), .slab = slab_new(4)};
    run.vm = vm_new(run.slab, &host);
    run.block = block_new(run.slab, run.image, image_strategy_named(run.image, "s", 1));
    block_at(run.slab, run.block)->media = 1;
    return run;
}

static void end(struct run *run)
{
    vm_free(run->vm);
    slab_free(run->slab);
    image_free(run->image);
}

/* Gives the pending step what the script says next: text for what returns text, "!" and a code for a failure. */
static struct vm_result answer(struct run *run, const char *word)
{
    uint64_t value = 0;
    if (word && *word == '!') return vm_fail(run->vm, run->block, 0, (uint16_t)atoi(word + 1));
    uint16_t type = vm_result_type(run->slab, block_at(run->slab, run->block), 0);
    if (word && type_base(type) == TYPE_STR)
        block_make_text(run->slab, run->block, word, (uint32_t)strlen(word), &value);
    else if (word && !strcmp(word, "none"))
        value = VALUE_NONE;
    else if (word)
        value = (uint64_t)atoll(word);
    return vm_resume(run->vm, run->block, 0, value);
}

/* Runs the strategy `s` until it stops; its last words, or how it failed. `script`: answers, divided by spaces. */
static const char *stops(const char *text, const char *script)
{
    struct run run = begin(text);
    char answers[128], *next, *rest = answers;
    snprintf(answers, sizeof answers, "%s", script ? script : "");
    struct vm_result result = vm_start(run.vm, run.block);
    for (;;) {
        const struct block *block = block_at(run.slab, run.block);
        if (result.status == VM_YIELD) {
            result = vm_continue(run.vm, run.block, 0);
        } else if (result.status == VM_WAIT && result.step == STEP_ID_stop) {
            uint64_t word;
            uint16_t type;
            char inlined[8];
            bool given = vm_arg(run.slab, block, 0, 0, &word, &type);
            cr_assert(given);
            struct text why = block_text(run.image, block, word, inlined);
            snprintf(said, sizeof said, "%.*s", (int)why.length, why.bytes);
            break;
        } else if (result.status == VM_WAIT) {
            next = strtok_r(rest, " ", &rest);
            result = answer(&run, next);
        } else {
            snprintf(said, sizeof said, "status %d code %u fault %u", (int)result.status, result.code, result.fault);
            break;
        }
    }
    end(&run);
    return said;
}

static const char *value_of(const char *expression)
{
    static char text[4096];
    snprintf(
        text, sizeof text,
        "record Point { x: int; y: int? }\n"
        "record Line { from: Point; to: Point? }\n"
        "const limit = 3 * 4;\n"
        "const words = [\"a\": 1, \"b\": 2];\n"
        "function none_of(n: int): int? { if n < 0 { return none; } return n; }\n"
        "function twice(n: int, more: int = 1): int { return n * 2 + more; }\n"
        "function fact(n: int): int { let r = 1; let i = n; while i > 1 { r = r * i; i -= 1; } return r; }\n"
        "strategy s on voice {\n"
        "    let three = 3; let five = 5; let long = \"a longer text\"; let short = \"abc\"; let yes = three < five;\n"
        "    let xs = [three, 1, five]; let p = Point(three, none); let q = Line(p, none); let nothing = none_of(-1);\n"
        "    let some = none_of(4); let m = [\"k\": three, \"l\": five];\n"
        "    stop \"{%s}\";\n"
        "}\n",
        expression);
    return stops(text, NULL);
}

static const struct {
    const char *expression, *value;
} values[] = {
    {"1 + 2 * 3", "7"},
    {"(three + five) mod 3", "2"},
    {"-three", "-3"},
    {"five / 2", "2"},
    {"-5 / 2", "-2"},
    {"limit", "12"},
    {"10s * three", "30s"},
    {"three * 10s", "30s"},
    {"1m / 3", "20s"},
    {"1m / 20s", "3"},
    {"1m - 10s", "50s"},
    {"three == 3", "true"},
    {"three != 3", "false"},
    {"three < five and five < 3", "false"},
    {"three < five or five < 3", "true"},
    {"not (three < five)", "false"},
    {"five >= 5", "true"},
    {"five <= 4", "false"},
    {"three > five", "false"},
    {"yes and not yes or yes", "true"},
    {"short == \"abc\"", "true"},
    {"long == \"a longer text\"", "true"},
    {"long != short", "true"},
    {"short < \"abd\"", "true"},
    {"\"b\" >= short", "true"},
    {"short.count", "3"},
    {"long.starts(\"a l\")", "true"},
    {"long.contains(\"nger\")", "true"},
    {"long.slice(2, 8)", "longer"},
    {"long.slice(9)", "text"},
    {"xs.count", "3"},
    {"xs[2]", "5"},
    {"xs.get(7) == none", "true"},
    {"(xs.get(7) else 9)", "9"},
    {"(xs.get(0) else 9)", "3"},
    {"xs.contains(five)", "true"},
    {"4 in xs", "false"},
    {"three in 1..3", "true"},
    {"three in 4..9", "false"},
    {"\"k\" in m", "true"},
    {"\"z\" in m", "false"},
    {"(m[\"l\"] else 0)", "5"},
    {"m.count", "2"},
    {"m[\"q\"] == none", "true"},
    {"(xs.first else 0)", "3"},
    {"(xs.last else 0)", "5"},
    {"words[\"b\"]", "2"},
    {"p.x", "3"},
    {"p.y == none", "true"},
    {"q.from.x", "3"},
    {"q.to?.x == none", "true"},
    {"(q.to?.y else 8)", "8"},
    {"nothing == none", "true"},
    {"some != none", "true"},
    {"(nothing else five)", "5"},
    {"(some else five)", "4"},
    {"some == 4", "true"},
    {"nothing == 4", "false"},
    {"nothing", ""},
    {"twice(three)", "7"},
    {"twice(three, more: 0)", "6"},
    {"twice(twice(1), twice(2))", "11"},
    {"fact(10)", "3628800"},
    {"min(three, five)", "3"},
    {"max(three, five)", "5"},
    {"abs(three - five)", "2"},
    {"int.parse(\"42\") == 42", "true"},
    {"int.parse(short) == none", "true"},
    {"skill.named(\"French\") == skill French", "true"},
    {"skill.named(short) == none", "true"},
    {"skill Sales", "Sales"},
    {"now == 2026-03-02 10:00", "true"},
    {"now - 2026-03-02 09:00 zone \"UTC\"", "0s"},
    {"media == voice", "true"},
    {"now + 1h > now", "true"},
    {"priority", "0"},
};

Test(compiler_run, expressions_have_the_values_that_the_language_gives_them, .init = make_folder, .fini = remove_folder)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        cr_expect_str_eq(value_of(values[i].expression), values[i].value, "%s is %s, not %s", values[i].expression,
                         said, values[i].value);
}

#define IN_STRATEGY(...) "strategy s on voice {\n" __VA_ARGS__ "\n}\n"

Test(compiler_run, loops_go_round_as_often_as_they_say, .init = make_folder, .fini = remove_folder)
{
    cr_expect_str_eq(stops(IN_STRATEGY("let n = 0; for x in [1, 2, 3, 4] { if x == 2 { continue; } if x == 4 { break; "
                                       "} n += x; } stop \"{n}\";"),
                           NULL),
                     "4");
    cr_expect_str_eq(
        stops(IN_STRATEGY("let t = \"\"; for k, v in [\"b\": 2, \"a\": 1] { t = \"{t}{k}{v}\"; } stop t;"), NULL),
        "a1b2");
    cr_expect_str_eq(stops(IN_STRATEGY("let n = 0; repeat 3 { n += 1; repeat 2 { n += 10; } } stop \"{n}\";"), NULL),
                     "63");
    cr_expect_str_eq(
        stops(IN_STRATEGY("let n = 0; repeat { n += 1; if n > 4 { break; } delay 1s; } stop \"{n}\";"), NULL), "5");
    cr_expect_str_eq(stops(IN_STRATEGY("let xs = [1, 2]; for x in xs { xs += x; } stop \"{xs.count}\";"), NULL), "4");
    cr_expect_str_eq(stops(IN_STRATEGY("let n = 0; while n < 100000 { n += 1; } stop \"{n}\";"), NULL), "100000");
}

Test(compiler_run, a_segment_takes_the_first_arm_that_fits, .init = make_folder, .fini = remove_folder)
{
#define SEGMENT(subject)                                                                                               \
    IN_STRATEGY("let d = ivr.digits(prompt hold); segment " subject                                                    \
                " { \"12\" -> stop \"exact\"; prefix \"123\" -> stop \"long\"; prefix \"12\" -> stop \"short\";"       \
                " \"9\", \"8\" -> { goto other; } else -> stop \"else\"; } other: stop \"other\";")
    cr_expect_str_eq(stops(SEGMENT("d"), "12"), "exact");
    cr_expect_str_eq(stops(SEGMENT("d"), "1234"), "long");
    cr_expect_str_eq(stops(SEGMENT("d"), "125"), "short");
    cr_expect_str_eq(stops(SEGMENT("d"), "8"), "other");
    cr_expect_str_eq(stops(SEGMENT("d"), "7"), "else");
#define NUMBERS(n)                                                                                                     \
    IN_STRATEGY("let n: int? = " n "; if now > now { n = none; } else if now < now { n = 77; }"                        \
                " segment n { none -> stop \"none\"; -1 -> stop \"minus\"; 3 -> stop \"three\";"                       \
                " 1..9 -> stop \"digit\"; else -> stop \"else\"; }")
    cr_expect_str_eq(stops(NUMBERS("none"), NULL), "none");
    cr_expect_str_eq(stops(NUMBERS("-1"), NULL), "minus");
    cr_expect_str_eq(stops(NUMBERS("3"), NULL), "three");
    cr_expect_str_eq(stops(NUMBERS("9"), NULL), "digit");
    cr_expect_str_eq(stops(NUMBERS("10"), NULL), "else");
    cr_expect_str_eq(stops(IN_STRATEGY("let l = skill Sales; segment l { skill French -> stop \"f\"; skill Sales -> "
                                       "stop \"s\"; else -> stop \"e\"; }"),
                           NULL),
                     "s");
}

Test(compiler_run, else_catches_failures_and_a_step_without_it_fails_the_strategy, .init = make_folder,
     .fini = remove_folder)
{
    cr_expect_str_eq(stops(IN_STRATEGY("let d = ivr.digits(prompt hold) else \"none\"; stop \"got {d}\";"), "4711"),
                     "got 4711");
    cr_expect_str_eq(stops(IN_STRATEGY("let d = ivr.digits(prompt hold) else \"none\"; stop \"got {d}\";"), "!14"),
                     "got none");
    cr_expect_str_eq(
        stops(IN_STRATEGY("let d = ivr.digits(prompt hold) else goto out; stop d; out: stop \"out\";"), "!20"), "out");
    cr_expect_str_eq(
        stops(IN_STRATEGY("ivr.say(\"x\") else e { if e.reason == timeout { stop \"late\"; } }; stop \"on\";"), "!14"),
        "late");
    cr_expect_str_eq(
        stops(IN_STRATEGY("ivr.say(\"x\") else e { if e.reason == timeout { stop \"late\"; } }; stop \"on\";"), "!19"),
        "on");
    cr_expect_str_eq(stops(IN_STRATEGY("ivr.say(\"x\") else {}; stop \"on\";"), "!19"), "on");
    cr_expect_str_eq(stops(IN_STRATEGY("ivr.say(\"x\"); stop \"on\";"), "!19"), "status 2 code 19 fault 0");
    cr_expect_str_eq(stops(IN_STRATEGY("if priority == 0 { fail \"early\"; } stop \"on\";"), NULL),
                     "status 2 code 30 fault 0");
    cr_expect_str_eq(stops(IN_STRATEGY("let n = 9223372036854775807; priority = n + 1; stop \"on\";"), NULL),
                     "status 2 code 31 fault 1");
}

#define ASK                                                                                                            \
    "subroutine ask(p: prompt, least: int): str {\n"                                                                   \
    "    let d = ivr.digits(p, min: least) else fail \"silent\";\n"                                                    \
    "    if d.starts(\"0\") { fail \"zero\"; }\n"                                                                      \
    "    return \"<{d}>\";\n"                                                                                          \
    "}\n"

Test(compiler_run, a_subroutine_waits_returns_and_fails, .init = make_folder, .fini = remove_folder)
{
    cr_expect_str_eq(stops(ASK IN_STRATEGY("let keep = 5; let d = ask(prompt hold, 2); stop \"{d}{keep}\";"), "12"),
                     "<12>5");
    cr_expect_str_eq(stops(ASK IN_STRATEGY("let d = ask(prompt hold, 2) else e { stop e.code; }; stop d;"), "01"),
                     "zero");
    cr_expect_str_eq(stops(ASK IN_STRATEGY("let d = ask(prompt hold, 2) else e { stop e.code; }; stop d;"), "!14"),
                     "silent");
    cr_expect_str_eq(stops(ASK IN_STRATEGY("let d = ask(prompt hold, 2) else \"other\"; stop d;"), "01"), "other");
}

Test(compiler_run, what_is_known_before_a_wait_is_known_after_it, .init = make_folder, .fini = remove_folder)
{
    cr_expect_str_eq(
        stops(IN_STRATEGY("attached { k: str?; n: int }\n"
                          "let xs = [\"a longer text\", \"b\"]; let m = [\"k\": 1s]; let t = \"another long text\";\n"
                          "attach n = 4; attach k = t; delay 1s; delay 2s;\n"
                          "stop \"{xs[0]} {m[\"k\"]} {t} {n} {k}\";"),
              NULL),
        "a longer text 1s another long text 4 another long text");
    cr_expect_str_eq(
        stops(IN_STRATEGY("attached { k: str }\n"
                          "if priority > 3 { attach k = \"x\"; } let was = (k else \"not attached\"); stop was;"),
              NULL),
        "not attached");
    cr_expect_str_eq(stops(IN_STRATEGY("attach user_data[\"n\"] = 5; attach user_data[\"n\"] = \"six\"; delay 1s; stop "
                                       "\"{user_data[\"n\"]}{user_data[\"m\"]}\";"),
                           NULL),
                     "six");
    cr_expect_str_eq(
        stops(IN_STRATEGY("priority = 5; priority += 50; priority -= 3; delay 1s; stop \"{priority}\";"), NULL), "52");
}

Test(compiler_run, a_menu_gives_what_stands_for_the_key, .init = make_folder, .fini = remove_folder)
{
    cr_expect_str_eq(
        stops(IN_STRATEGY("let n = ivr.menu(prompt menu, [\"1\": 10, \"2\": 20]) else 0; stop \"{n + 1}\";"), "20"),
        "21");
    cr_expect_str_eq(stops(IN_STRATEGY("let n = query db value int `select age from t` else 5; stop \"{n}\";"), "none"),
                     "");
    cr_expect_str_eq(stops(IN_STRATEGY("let n = query db value int `select age from t` else 5; stop \"{n}\";"), "!16"),
                     "5");
}

static int64_t level(void *self, uint64_t skill)
{
    return ((const int64_t *)self)[skill]; /* French, English, Sales: in the order of the site */
}

static bool matches(struct run *run, uint32_t line, int64_t french, int64_t english, int64_t sales)
{
    int64_t levels[] = {french, english, sales};
    struct vm_candidate candidate = {.self = levels, .level = level};
    struct vm_line row;
    bool there = vm_line(run->slab, block_at(run->slab, run->block), 0, line, &row);
    cr_assert(there && row.kind == LINE_LEAF);
    return vm_leaf(run->vm, run->image, row.function, row.captures, row.capture_count, &candidate);
}

Test(compiler_run, the_lines_of_a_selection_judge_candidates, .init = make_folder, .fini = remove_folder)
{
    struct run run =
        begin(IN_STRATEGY("attached { l: skill }\n"
                          "attach l = skill English; let least = 5; let strict = least > 3;\n"
                          "let who = select in vq service {\n"
                          "    skill[l] >= least + 3 and skill Sales >= 1;\n"
                          "    after 20s: not (skill French + skill[l] < least * 2) or skill Sales in 7..9;\n"
                          "    after 40s: strict and skill French > 0;\n"
                          "    after 60s: group people;\n"
                          "} else goto desk; route who else goto desk; desk: route queue desk;"));
    struct vm_result result = vm_start(run.vm, run.block);
    cr_assert_eq(result.status, VM_WAIT);
    cr_assert_eq(result.step, STEP_ID_select);
    cr_assert_eq(vm_line_count(run.slab, block_at(run.slab, run.block), 0), 4);
    cr_expect_eq(vm_timeout(run.slab, block_at(run.slab, run.block), 0), 600000000);
    cr_expect(matches(&run, 0, 0, 8, 1));
    cr_expect_not(matches(&run, 0, 9, 7, 1));
    cr_expect_not(matches(&run, 0, 9, 9, 0));
    cr_expect(matches(&run, 1, 5, 5, 0));
    cr_expect_not(matches(&run, 1, 4, 5, 0));
    cr_expect(matches(&run, 1, 0, 0, 7));
    cr_expect(matches(&run, 2, 1, 0, 0));
    cr_expect_not(matches(&run, 2, 0, 9, 9));
    struct vm_line line;
    cr_assert(vm_line(run.slab, block_at(run.slab, run.block), 0, 3, &line));
    cr_expect_eq(line.kind, LINE_TARGET);
    cr_expect_eq(line.after_us, 60000000);
    end(&run);
}

Test(compiler_run, a_busy_block_goes_round_beside_the_wait_and_may_leave_it, .init = make_folder, .fini = remove_folder)
{
    struct run run = begin(
        IN_STRATEGY("attached { spot: int }\n"
                    "let t = \"a longer text\";\n"
                    "let who = select in vq service { skill Sales >= 1; }\n"
                    "    busy { ivr.say(\"{position} {t}\"); attach spot = position; if position > 3 { goto out; } }\n"
                    "    else goto out;\n"
                    "route who else goto out; out: stop \"{t} {spot}\";"));
    struct vm_result result = vm_start(run.vm, run.block);
    cr_assert_eq(result.step, STEP_ID_select);
    result = vm_spawn(run.vm, run.block, 0);
    cr_assert_eq(result.status, VM_WAIT);
    cr_assert_eq(result.step, STEP_ID_ivr_say);
    result = vm_resume(run.vm, run.block, result.fiber, 0);
    cr_assert_eq(result.status, VM_LEFT);
    result = vm_exit(run.vm, run.block, 0, result.exit);
    cr_assert_eq(result.status, VM_WAIT);
    cr_assert_eq(result.step, STEP_ID_stop);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    cr_assert(vm_arg(run.slab, block_at(run.slab, run.block), 0, 0, &word, &type));
    struct text why = block_text(run.image, block_at(run.slab, run.block), word, inlined);
    cr_expect_eq(why.length, strlen("a longer text 7"));
    cr_expect_eq(memcmp(why.bytes, "a longer text 7", why.length), 0);
    end(&run);
}

Test(compiler_run, the_same_source_gives_the_same_bytes, .init = make_folder, .fini = remove_folder)
{
    const char *text = ASK IN_STRATEGY(
        "attached { l: skill }\n"
        "attach l = skill French; let d = ask(prompt hold, 1) else goto desk;\n"
        "let who = select in vq service { skill[l] >= 5 and skill Sales > d.count; after 10s: group people; }\n"
        "    busy { ivr.say(\"{position} {d}\"); if position > 3 { goto desk; } } else goto desk;\n"
        "route who else goto desk; desk: route queue desk;");
    struct image *one = compile_text(text), *other = compile_text(text);
    size_t one_length, other_length;
    const void *one_bytes = image_bytes(one, &one_length), *other_bytes = image_bytes(other, &other_length);
    cr_assert_eq(one_length, other_length);
    cr_expect_eq(memcmp(one_bytes, other_bytes, one_length), 0);
    image_free(one);
    image_free(other);
}

Test(compiler_run, constants_stand_in_the_order_in_which_they_are_written, .init = make_folder, .fini = remove_folder)
{
    /* The same source gives the same bytes, by whichever C compiler gcxc was made. */
    write_file("site.gcx", "site { queue desk; parameter rate: percent = 11% within 7%..93% edit desk; }\n");
    struct image *image = compile_text("strategy s on voice { route queue desk; }\n");
    const struct image_setting *rate = image_setting(image, 0);
    cr_assert_lt(rate->constant, rate->low);
    cr_assert_lt(rate->low, rate->high);
    cr_assert_eq(image_constant(image, rate->low)->word, 70000);
    image_free(image);
}
