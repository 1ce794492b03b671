/* Does a difference of two versions touch the selection of agents? A program with many places at which something may be
 * written otherwise: changes that no selection sees, in any mixture, must not touch; each of the others must, also
 * among the former. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "tests/unit/drawn.h"
#include "vm/selection.h"

TestSuite(selection, .timeout = 600);

static char folder[] = "/tmp/selection-XXXXXX";

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
               "site { default timeout 10m; skill French, English, Sales; group people, overflow; vq service, other;\n"
               "    queue desk, back; prompt hold, menu, hello, bye; source db schema \"db.sql\";\n"
               "    default zone \"Europe/Paris\"; }\n");
    write_file("db.sql", "create table t (name text not null, tier text not null, age integer not null, note text);\n");
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

/* Places of the program at which something else may stand: [[n4:old||new]] is number 4 of those that no selection sees,
 * [[t4:old||new]] is number 4 of those that touch a selection. Places of one number change together. */
enum { NEUTRAL = 19, TOUCHING = 26 };

static const char program[] =
    "record Row { [[n0:||name: str; ]]tier: str; }\n"
    "record Mark { level: int; [[n17:||note: str; ]]also: int; }\n"
    "[[n18:||strategy before on voice { stop \"before\"; }\n]]"
    "[[n1:||subroutine polite(said: str) { ivr.say(said); log.note(said); }\n]]"
    "function ticks(n: int): int { return n + 1; }\n"
    "function least(level: int): int { return [[t0:level * 2||level * 3]]; }\n"
    "subroutine greeted(said: str, seconds: duration): bool {\n"
    "    ivr.say(said);\n"
    "    delay [[t1:seconds||1s]];\n"
    "    return [[t2:true||false]];\n"
    "}\n"
    "strategy s on voice {\n"
    "    attached { tier: str; note: str; first: int; }\n"
    "    let [[n2:total||sum]] = 0;\n"
    "    [[n3:||let unused = ticks(3);\n    attach note = \"{unused}\";]]\n"
    "    [[n4:||ivr.say(\"One moment, please.\");]]\n"
    "    ivr.play(prompt [[n5:hello||bye]]);\n"
    "    [[n6:||log.note(\"here\");]]\n"
    "    let digits = ivr.digits(prompt [[n7:menu||hold]], min: 1, max: [[t3:4||5]]) tries 2 else \"\";\n"
    "    let language = ivr.menu(prompt [[n8:menu||bye]], [\"1\": skill English, \"[[t4:2||3]]\": skill French])\n"
    "        else skill English;\n"
    "    let row = query db first Row `select [[n0:||name, ]]tier from t where [[t5:name||note]] = {digits}` else "
    "none;\n"
    "    attach tier = [[t6:\"basic\"||\"gold\"]];\n"
    "    if row?.tier == [[t7:\"gold\"||\"silver\"]] { priority += [[t8:50||60]]; }\n"
    "    [[n2:total||sum]] = [[n2:total||sum]] + least(2);\n"
    "    if [[n2:total||sum]] > 3 { [[n9:||ivr.say(\"many\");]] }\n"
    "    let mark = Mark(level: [[n2:total||sum]], [[n17:||note: \"noted\", ]]also: 4);\n"
    "    if mark.level > 5 { priority += mark.[[t22:level||also]]; }\n"
    "    let few = [ [[n2:total||sum]], [[t25:7||8]]];\n"
    "    if least(3) in few { priority += 7; }\n"
    "    attach note = [[n10:\"a\"||\"b\"]];\n"
    "    [[n11:||for x in [1, 2] { log.note(\"{x}\"); }]]\n"
    "    let fine = greeted([[n12:\"hello\"||\"good evening\"]], [[t9:5s||6s]]);\n"
    "    if [[n2:total||sum]] > [[t10:90||80]] or not fine { stop [[n13:\"goodbye\"||\"closed\"]]; }\n"
    "    let who = select in vq [[t11:service||other]] {\n"
    "        skill[language] >= [[t12:8||7]] and skill Sales >= 1;\n"
    "        after [[t13:20s||25s]]: skill[language] >= 5;\n"
    "        after 40s: group [[t14:overflow||people]];\n"
    "    } by [[t15:longest_idle||random]] timeout [[t16:3m||4m]]\n"
    "        busy { ivr.music(prompt hold, [[n14:10s||20s]]); [[n15:||ivr.play(prompt bye);]]\n"
    "               if position > [[t17:9||8]] { goto desk; } }\n"
    "        else goto desk;\n"
    "    if tier == \"gold\" { priority += 1; }\n"
    "    route who answer [[t18:15s||16s]] then [[t23:last||later]]([[t24:4||5]]) where tier == \"gold\" else { "
    "exclude who for "
    "[[t19:1m||2m]]; goto desk; };\n"
    "    desk: route queue [[t20:desk||back]];\n"
    "    on abandoned { [[n16:||log.note(\"gone\");]] [[t21:||route queue back;]] }\n"
    "}\n"
    "strategy last(level: int) on voice { connect in vq other { skill Sales >= level; } timeout 1m else {};"
    " stop \"done\"; }\n"
    "strategy later(level: int) on voice { stop \"{level}\"; }\n";

/* Writes the program with the changes whose bits are set. */
static const char *program_with(uint64_t neutral, uint64_t touching)
{
    static char text[2 * sizeof program];
    size_t length = 0;
    for (const char *at = program; *at;) {
        if (strncmp(at, "[[", 2) != 0) {
            text[length++] = *at++;
            continue;
        }
        const char *colon = strchr(at, ':'), *middle = strstr(at, "||"), *end = strstr(at, "]]");
        uint64_t bits = at[2] == 'n' ? neutral : touching;
        bool new = bits >> atoi(at + 3) & 1;
        const char *from = new ? middle + 2 : colon + 1, *to = new ? end : middle;
        memcpy(text + length, from, (size_t)(to - from));
        length += (size_t)(to - from);
        at = end + 2;
    }
    text[length] = '\0';
    return text;
}

static enum selection_answer answer(struct image *old, uint64_t neutral, uint64_t touching,
                                    struct selection_difference *difference)
{
    struct image *new = compile_text(program_with(neutral, touching));
    enum selection_answer there = selection_compare(old, new, (struct text){"s", 1}, difference);
    struct selection_difference back;
    cr_assert_eq(selection_compare(new, old, (struct text){"s", 1}, &back), there, "the other way round it is another");
    cr_assert(there == SELECTION_SAME || strlen(difference->reason) > 0);
    cr_assert(there == SELECTION_SAME || (difference->old_known && difference->old.line > 0));
    image_free(new);
    return there;
}

Test(selection, a_change_that_no_selection_sees_does_not_touch, .init = make_folder, .fini = remove_folder)
{
    struct selection_difference difference;
    struct image *old = compile_text(program_with(0, 0));

    for (unsigned i = 1; i < NEUTRAL; i++)
        cr_expect_eq(answer(old, UINT64_C(1) << i, 0, &difference), SELECTION_SAME, "n%u: %s (line %u, %u)", i,
                     difference.reason, difference.old.line, difference.new.line);
    cr_expect_eq(answer(old, 1, 0, &difference), SELECTION_TOUCHED);
    image_free(old);
}

Test(selection, a_change_that_a_selection_sees_touches, .init = make_folder, .fini = remove_folder)
{
    struct selection_difference difference;
    struct image *old = compile_text(program_with(0, 0));
    for (unsigned i = 0; i < TOUCHING; i++)
        cr_expect_eq(answer(old, 0, UINT64_C(1) << i, &difference), SELECTION_TOUCHED, "t%u", i);
    image_free(old);
}

Test(selection, any_mixture_is_told_rightly, .init = make_folder, .fini = remove_folder)
{
    struct selection_difference difference;
    uint64_t drawn = drawn_from() + 1;
    for (unsigned round = 0; round < 60; round++) {
        drawn = drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t before = drawn >> 20 & ((UINT64_C(1) << NEUTRAL) - 2),
                 after = drawn >> 40 & ((UINT64_C(1) << NEUTRAL) - 2);
        struct image *old = compile_text(program_with(before, 0));
        bool touches = round % 2;
        uint64_t touching = touches ? UINT64_C(1) << (drawn >> 33) % TOUCHING : 0;
        enum selection_answer there = answer(old, after, touching, &difference);
        cr_expect_eq(there, touches ? SELECTION_TOUCHED : SELECTION_SAME,
                     "from %llx to %llx with %llx: %s (line %u, %u)", (unsigned long long)before,
                     (unsigned long long)after, (unsigned long long)touching, difference.reason, difference.old.line,
                     difference.new.line);
        image_free(old);
    }
}

static enum selection_answer between(const char *before, const char *after)
{
    struct selection_difference difference;
    struct image *old = compile_text(before), *new = compile_text(after);
    enum selection_answer there = selection_compare(old, new, (struct text){"s", 1}, &difference);
    cr_expect_eq(there == SELECTION_SAME, difference.reason[0] == '\0', "%s", difference.reason);
    image_free(old);
    image_free(new);
    return there;
}

Test(selection, a_strategy_that_chooses_nobody_is_not_touched, .init = make_folder, .fini = remove_folder)
{
    const char *desk = "strategy s on voice { route queue desk; }\n";
    const char *agents = "strategy s on voice { connect in vq service { skill Sales >= 1; } timeout 1m else {};"
                         " route queue desk; }\n";
    const char *switches = "strategy s on voice { if ani == \"\" { switch to t; } route queue desk; }\n"
                           "strategy t on voice { connect in vq service { skill Sales >= 1; } timeout 1m else {};"
                           " route queue desk; }\n";
    cr_expect_eq(between(desk, "strategy s on voice { delay 30s; priority = 2; route queue back; }\n"), SELECTION_SAME);
    cr_expect_eq(between(desk, agents), SELECTION_TOUCHED);
    cr_expect_eq(between(agents, desk), SELECTION_TOUCHED);
    cr_expect_eq(between(desk, switches), SELECTION_TOUCHED);
    cr_expect_eq(between(switches, switches), SELECTION_SAME);
    const char *named = "strategy s on voice { let who = agent.named(ani) else goto desk; route who else goto desk;"
                        " desk: route queue desk; }\n";
    cr_expect_eq(between(desk, named), SELECTION_TOUCHED);
    cr_expect_eq(between(desk, "strategy t on voice { route queue desk; }\n"), SELECTION_TOUCHED);
}
