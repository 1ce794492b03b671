/* tests/unit/studio.c - The repository of those who write strategies: hostile names, drafts, reviews, differences. */
#include "runtime/adapter/tool.h"
#include "runtime/studio/studio.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/studio/check.h"
#include "runtime/studio/draft.h"
#include "runtime/studio/history.h"
#include "runtime/studio/language.h"

static const struct studio_person marie = {"marie", "Marie <Noir>"}, paul = {"pa/ul", "Paul"};
static char *folder;
static git_repository *repository;

static void begins(void)
{
    struct error error;
    folder = g_dir_make_tmp("studio-XXXXXX", NULL);
    cr_assert(folder);
    git_libgit2_init();
    cr_assert(git_repository_init(&repository, folder, 1) == 0);
    git_repository_free(repository);
    cr_assert((repository = studio_open(folder, &error)), "%s", error.text);
}

static void ends(void)
{
    git_repository_free(repository);
    studio_folder_end(folder);
}

static json_t *saves(const struct studio_person *person, const char *path, const char *text, const char *seen)
{
    struct error error = {0};
    json_t *saved = studio_save(repository, person, path, text, seen, "because", &error);
    cr_assert(saved, "%s: %s", path, error.text);
    return saved;
}

static void saved(const struct studio_person *person, const char *path, const char *text, const char *seen)
{
    json_decref(saves(person, path, text, seen));
}

static enum error_code refuses(const struct studio_person *person, const char *path, const char *text, const char *seen)
{
    struct error error = {0};
    cr_assert(!studio_save(repository, person, path, text, seen, "because", &error), "%s", path);
    cr_assert(*error.text);
    return error.code;
}

static git_commit *version(const char *name, const struct studio_person *person)
{
    git_commit *commit;
    struct error error;
    cr_assert(studio_version(repository, name, person->name, &commit, &error), "%s", error.text);
    return commit;
}

/* The text of a file in a version; "" if there is none. */
static char *text_of(const char *name, const struct studio_person *person, const char *path)
{
    git_commit *commit = version(name, person);
    git_tree *tree = studio_tree(commit);
    json_t *file = studio_file(repository, tree, path, NULL);
    char *text = g_strdup(file ? json_string_value(json_object_get(file, "text")) : "");
    json_decref(file);
    git_tree_free(tree);
    git_commit_free(commit);
    return text;
}

static void is_text(const char *name, const struct studio_person *person, const char *path, const char *expected)
{
    char *text = text_of(name, person, path);
    cr_assert_str_eq(text, expected, "%s of %s: %s", path, name, text);
    g_free(text);
}

static char *proposed(const struct studio_person *person)
{
    struct error error;
    cr_assert(studio_propose(repository, person, "A line for bills", &error), "%s", error.text);
    git_commit *commit = version("draft", person);
    char *id = g_strdup(git_oid_tostr_s(git_commit_id(commit)));
    git_commit_free(commit);
    return id;
}

static enum error_code approves(const struct studio_person *who, const struct studio_person *by, const char *commit)
{
    struct error error = {0};
    json_t *done = studio_approve(repository, who, by->name, commit, true, -1, &error);
    json_decref(done);
    return error.code;
}

TestSuite(studio, .init = begins, .fini = ends);

Test(studio, paths_lead_nowhere_else)
{
    static const char *const bad[] = {"",      "/etc/passwd", "../x",     "a/../b", "a//b",
                                      "a/",    ".git/config", "a/.git/x", "a\\b",   "a\nb",
                                      "a\x7f", "git~1/x",     "a/.",      "\xff",   "a/b/c/d/e/f/g/h/i/j"};
    for (size_t at = 0; at < G_N_ELEMENTS(bad); at++) {
        struct error error = {0};
        cr_assert(!studio_path_good(bad[at], &error) && error.code == ERROR_INPUT, "%s", bad[at]);
        cr_assert_eq(refuses(&marie, bad[at], "x", ""), ERROR_INPUT);
    }
    char *longest = g_strnfill(STUDIO_PATH_MAX, 'a');
    cr_assert(!studio_path_good(longest, NULL));
    g_free(longest);
    cr_assert(studio_path_good("a/b é.gcx", NULL));
}

Test(studio, persons_have_branches_of_their_own)
{
    char ref[STUDIO_REF_MAX];
    studio_ref("drafts", "../a b%", ref);
    cr_assert_str_eq(ref, "refs/heads/drafts/%2E%2E%2Fa%20b%25");
    char *name = studio_ref_person("drafts", ref);
    cr_assert_str_eq(name, "../a b%");
    g_free(name);
    cr_assert(!studio_ref_person("reviews", ref));
    saved(&marie, "a.gcx", "1", "");
    saved(&paul, "a.gcx", "2", "");
    is_text("draft", &marie, "a.gcx", "1");
    is_text("draft", &paul, "a.gcx", "2");
    is_text("head", &paul, "a.gcx", "");
}

Test(studio, what_others_have_changed_is_not_lost)
{
    json_t *one = saves(&marie, "deep/a.gcx", "1", "");
    const char *id = json_string_value(json_object_get(one, "id"));
    cr_assert_eq(refuses(&marie, "deep/a.gcx", "2", ""), ERROR_STATE);
    saved(&marie, "deep/a.gcx", "2", id);
    cr_assert_eq(refuses(&marie, "deep/a.gcx", "3", id), ERROR_STATE);
    cr_assert_eq(refuses(&marie, "deep/a.gcx", NULL, ""), ERROR_UNKNOWN);
    cr_assert_eq(refuses(&marie, "deep", "3", ""), ERROR_INPUT);
    cr_assert_eq(refuses(&marie, "deep/a.gcx/b", "3", ""), ERROR_INPUT);
    json_decref(one);
    one = saves(&marie, "b.gcx", "b", "");
    json_t *same = saves(&marie, "b.gcx", "b", json_string_value(json_object_get(one, "id")));
    cr_assert(json_equal(one, same), "what changes nothing is no commit of its own");
    json_decref(same);
    saved(&marie, "b.gcx", NULL, json_string_value(json_object_get(one, "id")));
    is_text("draft", &marie, "b.gcx", "");
    json_decref(one);
}

/* Makes the person's draft what HEAD's branch has, as a push does. */
static void pushed(const struct studio_person *person)
{
    git_reference *head = NULL, *made = NULL;
    git_commit *commit = version("draft", person);
    cr_assert_eq(git_reference_lookup(&head, repository, "HEAD"), 0);
    cr_assert_eq(git_reference_create(&made, repository, git_reference_symbolic_target(head), git_commit_id(commit), 1,
                                      "pushed"),
                 0);
    git_reference_free(head);
    git_reference_free(made);
    git_commit_free(commit);
}

static char *id_of(json_t *answer)
{
    char *id = g_strdup(json_string_value(json_object_get(answer, "id")));
    json_decref(answer);
    return id;
}

static const struct studio_choices nothing_chosen = {NULL, "", ""};

static json_t *updates(const struct studio_person *person, const struct studio_choices *chosen)
{
    struct error error = {0};
    json_t *answer = studio_update(repository, person, chosen, &error);
    cr_assert(answer, "%s", error.text);
    return answer;
}

/* Takes in as `answer` has asked, with one choice for all of its files; steals the answer. */
static void chooses(const struct studio_person *person, json_t *answer, const char *side)
{
    json_t *by_path = json_object(), *row;
    size_t at;
    json_array_foreach(json_object_get(answer, "choose"), at, row)
        json_object_set_new(by_path, json_string_value(json_object_get(row, "path")), json_string(side));
    cr_assert_gt(json_object_size(by_path), 0);
    json_t *done =
        updates(person, &(struct studio_choices){by_path, json_string_value(json_object_get(answer, "draft")),
                                                 json_string_value(json_object_get(answer, "published"))});
    cr_assert(json_object_get(done, "both"), "%s", side);
    json_decref(done);
    json_decref(by_path);
    json_decref(answer);
}

/* Is this, and nothing else, asked of the person? */
static void asks(const json_t *answer, const char *path, const char *what)
{
    const json_t *rows = json_object_get(answer, "choose"), *row = json_array_get(rows, 0);
    cr_assert_eq(json_array_size(rows), 1, "%s", path);
    cr_assert_str_eq(json_string_value(json_object_get(row, "path")), path);
    cr_assert_str_eq(json_string_value(json_object_get(row, "what")), what);
}

/* Publishes what the first has written, without anybody's review. */
static void published(const char *path, const char *text, const char *seen)
{
    saved(&marie, path, text, seen);
    pushed(&marie);
}

/* The bytes of a file of the draft; NULL: there is none. */
static char *bytes_of(const struct studio_person *person, const char *path)
{
    git_commit *commit = version("draft", person);
    git_tree *tree = studio_tree(commit);
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    char *bytes = NULL;
    if (git_tree_entry_bypath(&entry, tree, path) == 0) {
        cr_assert_eq(git_blob_lookup(&blob, repository, git_tree_entry_id(entry)), 0);
        bytes = g_strndup(git_blob_rawcontent(blob), (gsize)git_blob_rawsize(blob));
    }
    git_blob_free(blob);
    git_tree_entry_free(entry);
    git_tree_free(tree);
    git_commit_free(commit);
    return bytes;
}

static void is_draft(const char *path, const char *expected)
{
    char *is = bytes_of(&paul, path);
    cr_assert(g_strcmp0(is, expected) == 0, "%s is %.100s", path, is ? is : "gone");
    g_free(is);
}

/* Has both change the file of this name, and returns what is asked then. A text that is NULL is removed, or was not
 * there. */
static json_t *contradicts(const char *path, const char *before, const char *mine, const char *theirs)
{
    char *id = before ? id_of(saves(&marie, path, before, "")) : g_strdup("");
    pushed(&marie);
    cr_assert(studio_forget(repository, "drafts", paul.name, NULL));
    saved(&paul, path, mine, id);
    published(path, theirs, id);
    g_free(id);
    return updates(&paul, &nothing_chosen);
}

Test(studio, both_texts_stand_where_both_have_changed_the_same_lines)
{
    json_t *answer = contradicts("a.gcx", "one\ntwo\nthree\n", "one\n2\nthree\n", "one\nzwei\nthree\n");
    cr_assert_eq(json_array_size(json_object_get(answer, "both")), 1);
    is_draft("a.gcx", "one\n<<<<<<< published\nzwei\n=======\n2\n>>>>>>> draft\nthree\n");
    json_decref(answer);
}

/* Of what has no lines with <<<<<<<, as gcxc would tell nobody of them, the person chooses one side, and nothing is
 * changed before. */
Test(studio, what_contradicts_itself_waits_for_a_choice)
{
    char *most = g_strnfill(STUDIO_TEXT_MAX - 2, 'x'), *more = g_strnfill(STUDIO_TEXT_MAX - 1, 'x');
    const struct {
        const char *path, *before, *mine, *theirs, *what, *if_mine, *if_theirs;
    } cases[] = {
        {"a.csv", "one\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n", "eins\n2\n3\n4\nV\n", "lines", "1\n2\n3\n4\nV\n",
         "eins\n2\n3\n4\nV\n"},
        {"new.csv", NULL, "1\n", "eins\n", "lines", "1\n", "eins\n"},
        {"b.wav", "\xff one", "\xff 1", "\xff eins", "file", "\xff 1", "\xff eins"},
        {"b.gcx", "one\n", "1\n", "\xff eins\n", "file", "1\n", "\xff eins\n"},
        {"long.gcx", "one\n", most, more, "file", most, more},
        {"c.gcx", "one\n", "1\n", NULL, "removed_by_others", "1\n", NULL},
        {"d e/é.csv", "one\n", NULL, "eins\n", "removed_by_me", NULL, "eins\n"},
    };
    for (size_t at = 0; at < G_N_ELEMENTS(cases); at++)
        for (int theirs = 0; theirs < 2; theirs++) {
            char *path = g_strdup_printf("%d%s", theirs, cases[at].path);
            json_t *answer = contradicts(path, cases[at].before, cases[at].mine, cases[at].theirs);
            asks(answer, path, cases[at].what);
            is_draft(path, cases[at].mine);
            chooses(&paul, answer, theirs ? "published" : "mine");
            is_draft(path, theirs ? cases[at].if_theirs : cases[at].if_mine);
            json_t *again = updates(&paul, &nothing_chosen);
            cr_assert(json_object_get(again, "both"));
            json_decref(again);
            g_free(path);
        }
    g_free(most);
    g_free(more);
}

/* A choice is one of what was seen: others have published meanwhile, or the person has saved in another window. */
Test(studio, a_choice_counts_for_what_was_seen)
{
    json_t *answer = contradicts("a.csv", "one\n", "1\n", "eins\n"), *by_path = json_pack("{s:s}", "a.csv", "mine");
    const char *draft = json_string_value(json_object_get(answer, "draft")),
               *head = json_string_value(json_object_get(answer, "published"));
    const struct studio_choices old[] = {{by_path, draft, draft}, {by_path, head, head}, {by_path, "", ""}};
    for (size_t at = 0; at < G_N_ELEMENTS(old); at++) {
        json_t *again = updates(&paul, &old[at]);
        cr_assert(json_equal(again, answer));
        json_decref(again);
    }
    is_draft("a.csv", "1\n");
    json_decref(by_path);
    json_decref(answer);
}

/* Neither a file nor a folder of that name goes: the person has another name for theirs first. */
Test(studio, a_file_and_a_folder_of_one_name_are_told)
{
    published("site.gcx", "one\n", "");
    static const char *const names[][2] = {{"a", "a/b.csv"}, {"c/d.csv", "c"}};
    for (size_t at = 0; at < G_N_ELEMENTS(names); at++) {
        cr_assert(studio_forget(repository, "drafts", paul.name, NULL));
        char *id = id_of(saves(&paul, names[at][0], "mine\n", ""));
        published(names[at][1], "theirs\n", "");
        json_t *answer = updates(&paul, &nothing_chosen);
        asks(answer, strlen(names[at][0]) < strlen(names[at][1]) ? names[at][0] : names[at][1], "folder");
        json_t *by_path = json_pack("{s:s, s:s}", names[at][0], "mine", names[at][1], "published");
        json_t *again =
            updates(&paul, &(struct studio_choices){by_path, json_string_value(json_object_get(answer, "draft")),
                                                    json_string_value(json_object_get(answer, "published"))});
        cr_assert(json_equal(again, answer), "it cannot be chosen");
        is_draft(names[at][0], "mine\n");
        saved(&paul, "mine.csv", "mine\n", "");
        saved(&paul, names[at][0], NULL, id);
        json_decref(updates(&paul, &nothing_chosen));
        is_draft(names[at][1], "theirs\n");
        is_draft("mine.csv", "mine\n");
        json_decref(again);
        json_decref(by_path);
        json_decref(answer);
        g_free(id);
    }
}

/* A file of mine in a folder that is a published file now stands in its way, too. */
Test(studio, a_folder_that_has_become_a_file_is_told)
{
    char *id = id_of(saves(&marie, "f/g/a.csv", "one\n", ""));
    pushed(&marie);
    saved(&paul, "f/g/a.csv", "1\n", id);
    saved(&marie, "f/g/a.csv", NULL, id);
    published("f", "theirs\n", "");
    json_t *answer = updates(&paul, &nothing_chosen), *rows = json_object_get(answer, "choose"), *row;
    size_t at;
    cr_assert_gt(json_array_size(rows), 0);
    json_array_foreach(rows, at, row) cr_assert_str_eq(json_string_value(json_object_get(row, "what")), "folder");
    is_draft("f/g/a.csv", "1\n");
    json_decref(answer);
    g_free(id);
}

/* A text with both that would be too long to be shown is not made: nobody could choose in it. */
Test(studio, both_texts_are_not_too_long_to_be_shown)
{
    GString *texts[3];
    for (int side = 0; side < 3; side++) {
        texts[side] = g_string_new("");
        for (int line = 0; line < 25000; line++)
            g_string_append_printf(texts[side], "%c\n%d\n\n\n\n\n", 'a' + side, line);
    }
    json_t *answer = contradicts("a.gcx", texts[0]->str, texts[1]->str, texts[2]->str);
    asks(answer, "a.gcx", "lines");
    chooses(&paul, answer, "mine");
    is_draft("a.gcx", texts[1]->str);
    for (int side = 0; side < 3; side++) g_string_free(texts[side], TRUE);
}

/* Where both have given it another name, both names are there. */
Test(studio, what_both_have_renamed_is_there_twice)
{
    const char *text = "a long line that a rename is known by\nand another one\n";
    char *id = id_of(saves(&marie, "a.csv", text, ""));
    pushed(&marie);
    saved(&paul, "mine.csv", text, "");
    saved(&paul, "a.csv", NULL, id);
    published("theirs.csv", text, "");
    published("a.csv", NULL, id);
    json_t *answer = updates(&paul, &nothing_chosen);
    cr_assert(json_object_get(answer, "both"));
    is_draft("a.csv", NULL);
    is_draft("mine.csv", text);
    is_draft("theirs.csv", text);
    json_decref(answer);
    g_free(id);
}

/* Puts a file into the person's draft as a push does: git knows of modes, and of paths that the console refuses. */
static void pushed_file(const struct studio_person *person, const char *path, const char *text, git_filemode_t mode)
{
    char ref[STUDIO_REF_MAX];
    git_tree_update update = {.action = GIT_TREE_UPDATE_UPSERT, .filemode = mode, .path = path};
    git_signature *by;
    git_oid id;
    git_tree *tree, *old;
    git_commit *base = version("draft", person);
    cr_assert((old = studio_tree(base)));
    cr_assert_eq(git_blob_create_from_buffer(&update.id, repository, text, strlen(text)), 0);
    cr_assert_eq(git_tree_create_updated(&id, repository, old, 1, &update), 0, "%s", path);
    cr_assert_eq(git_tree_lookup(&tree, repository, &id), 0);
    cr_assert_eq(git_signature_now(&by, "git", "git@example.org"), 0);
    studio_ref("drafts", person->name, ref);
    cr_assert_eq(git_commit_create_v(&id, repository, ref, by, by, NULL, "pushed", tree, 1, base), 0);
    git_signature_free(by);
    git_tree_free(tree);
    git_tree_free(old);
    git_commit_free(base);
}

/* As contradicts(), by pushes of text files with this mode. */
static void contradicts_by_git(const char *path, git_filemode_t mode)
{
    saved(&marie, "site.gcx", "one\n", "");
    pushed_file(&marie, path, "one\n", mode);
    pushed(&marie);
    pushed_file(&paul, path, "1\n", mode);
    pushed_file(&marie, path, "eins\n", mode);
    pushed(&marie);
}

Test(studio, a_strategy_that_is_executable_is_a_text_and_stays_so)
{
    git_tree_entry *entry = NULL;
    contradicts_by_git("a.gcx", GIT_FILEMODE_BLOB_EXECUTABLE);
    json_t *answer = updates(&paul, &nothing_chosen);
    cr_assert_eq(json_array_size(json_object_get(answer, "both")), 1);
    is_draft("a.gcx", "<<<<<<< published\neins\n=======\n1\n>>>>>>> draft\n");
    git_commit *commit = version("draft", &paul);
    git_tree *tree = studio_tree(commit);
    cr_assert_eq(git_tree_entry_bypath(&entry, tree, "a.gcx"), 0);
    cr_expect_eq(git_tree_entry_filemode(entry), GIT_FILEMODE_BLOB_EXECUTABLE);
    git_tree_entry_free(entry);
    git_tree_free(tree);
    git_commit_free(commit);
    json_decref(answer);
}

/* The console shows no file of that path, so nobody could choose there. */
Test(studio, a_path_that_the_console_refuses_is_left_to_git)
{
    struct error error = {0};
    contradicts_by_git(".hidden.csv", GIT_FILEMODE_BLOB);
    cr_assert(!studio_update(repository, &paul, &nothing_chosen, &error) && error.code == ERROR_STATE);
    cr_assert(strstr(error.text, "merge them with git"), "%s", error.text);
    is_draft(".hidden.csv", "1\n");
}

/* Who approves chooses nothing: the writer does, and is told in which file. */
Test(studio, what_contradicts_the_publication_is_not_published)
{
    struct error error = {0};
    json_decref(contradicts("a.csv", "one\n", "1\n", "eins\n"));
    char *commit = proposed(&paul);
    cr_assert(!studio_approve(repository, &marie, paul.name, commit, false, -1, &error) && error.code == ERROR_STATE);
    cr_assert(strstr(error.text, "a.csv contradicts what others have published"), "%s", error.text);
    is_text("head", &marie, "a.csv", "eins\n");
    g_free(commit);
}

Test(studio, four_eyes_see_what_is_published)
{
    saved(&marie, "site.gcx", "site { skill A; }\n", "");
    char *commit = proposed(&marie);
    json_t *rows = studio_reviews(repository, &paul, NULL), *row = json_array_get(rows, 0);
    cr_assert_str_eq(json_string_value(json_object_get(row, "by")), "marie");
    cr_assert(json_is_false(json_object_get(row, "mine")));
    json_decref(rows);
    cr_assert_eq(approves(&marie, &marie, commit), ERROR_DENIED);
    cr_assert_eq(approves(&paul, &marie, "0000000000000000000000000000000000000000"), ERROR_STATE);
    cr_assert_eq(approves(&paul, &paul, commit), ERROR_UNKNOWN);
    is_text("head", &paul, "site.gcx", "");
    g_free(commit);
}

/* Declines the review of marie as paul has seen it. */
static enum error_code declines(const char *commit)
{
    const struct studio studio = {.folder = folder, .admin = "", .stop = -1, .four_eyes = true};
    struct error error = {0};
    json_t *params = json_pack("{s:s, s:s, s:b}", "by", "marie", "commit", commit, "approve", false);
    json_decref(studio_ask(&studio, "decide_strategies", &paul, params, &error));
    json_decref(params);
    return error.code;
}

Test(studio, what_is_declined_is_what_was_seen)
{
    saved(&marie, "a.gcx", "1", "");
    char *first = proposed(&marie);
    saved(&marie, "b.gcx", "2", "");
    char *second = proposed(&marie);
    cr_assert_eq(declines(first), ERROR_STATE);
    json_t *rows = studio_reviews(repository, &paul, NULL);
    cr_assert_eq(json_array_size(rows), 1);
    json_decref(rows);
    cr_assert_eq(declines(second), 0);
    cr_assert_eq(declines(second), ERROR_UNKNOWN);
    g_free(first);
    g_free(second);
}

/* Who takes another one's draft as a base, and has the other propose it, has written it. */
Test(studio, who_has_written_a_part_does_not_approve_it)
{
    char from[STUDIO_REF_MAX], to[STUDIO_REF_MAX];
    git_reference *moved = NULL;
    saved(&paul, "a.gcx", "1", "");
    studio_ref("drafts", paul.name, from);
    studio_ref("drafts", marie.name, to);
    git_commit *commit = version("draft", &paul);
    cr_assert(git_reference_create(&moved, repository, to, git_commit_id(commit), 0, "test") == 0);
    git_reference_free(moved);
    git_commit_free(commit);
    saved(&marie, "b.gcx", "2", "");
    char *id = proposed(&marie);
    cr_assert_eq(approves(&paul, &marie, id), ERROR_DENIED);
    json_t *rows = studio_reviews(repository, &paul, NULL);
    cr_assert(json_is_true(json_object_get(json_array_get(rows, 0), "mine")));
    json_decref(rows);
    g_free(id);
}

Test(studio, histories_and_differences_are_told)
{
    json_t *one = saves(&marie, "a.gcx", "1\n", "");
    saved(&marie, "b.gcx", "2\n", "");
    saved(&marie, "a.gcx", "3\n", json_string_value(json_object_get(one, "id")));
    git_commit *commit = version("draft", &marie);
    git_tree *to = studio_tree(commit);
    json_t *rows = studio_history(repository, commit, "a.gcx", 0, NULL), *row = json_array_get(rows, 0);
    cr_assert_eq(json_array_size(rows), 2);
    cr_assert_str_eq(json_string_value(json_object_get(row, "by")), "Marie  Noir");
    cr_assert_str_eq(json_string_value(json_object_get(row, "address")), "marie@console");
    json_decref(rows);
    rows = studio_history(repository, commit, NULL, 1, NULL);
    cr_assert_eq(json_array_size(rows), 2);
    json_decref(rows);
    rows = studio_difference(repository, NULL, to, "a.gcx", NULL);
    cr_assert_eq(json_array_size(rows), 1);
    cr_assert(strstr(json_string_value(json_object_get(json_array_get(rows, 0), "patch")), "\n+3\n"));
    json_decref(rows);
    git_tree_free(to);
    git_commit_free(commit);
    json_decref(one);
}

/* Puts one entry into a tree, and returns the tree. */
static git_tree *tree_with(const char *name, const char *text, git_filemode_t mode)
{
    git_treebuilder *builder;
    git_oid blob, id;
    git_tree *tree;
    cr_assert(git_blob_create_from_buffer(&blob, repository, text, strlen(text)) == 0);
    cr_assert(git_treebuilder_new(&builder, repository, NULL) == 0);
    cr_assert(git_treebuilder_insert(NULL, builder, name, &blob, mode) == 0, "%s", name);
    cr_assert(git_treebuilder_write(&id, builder) == 0);
    git_treebuilder_free(builder);
    cr_assert(git_tree_lookup(&tree, repository, &id) == 0);
    return tree;
}

Test(studio, links_are_no_files)
{
    git_tree *tree = tree_with("users.gcx", "/etc/passwd", GIT_FILEMODE_LINK);
    struct error error = {0};
    cr_assert(!studio_file(repository, tree, "users.gcx", &error) && error.code == ERROR_UNKNOWN);
    json_t *files = studio_files(repository, tree, NULL);
    cr_assert_eq(json_array_size(files), 0);
    json_decref(files);
    char *out = studio_folder(repository, tree, NULL, &error), *path = g_build_filename(out, "users.gcx", NULL);
    struct stat state;
    cr_assert(lstat(path, &state) != 0);
    studio_folder_end(out);
    g_free(path);
    git_tree_free(tree);
}

Test(studio, what_is_no_text_is_not_shown)
{
    git_tree *tree = tree_with("a.bin", "\xff\xfe", GIT_FILEMODE_BLOB);
    struct error error = {0};
    cr_assert(!studio_file(repository, tree, "a.bin", &error) && error.code == ERROR_INPUT);
    json_t *rows = studio_difference(repository, NULL, tree, NULL, NULL);
    cr_assert_eq(json_array_size(rows), 1);
    json_decref(rows);
    git_tree_free(tree);
}

Test(studio, a_repository_with_files_is_refused)
{
    struct error error = {0};
    git_repository *other;
    char *place = g_build_filename(folder, "other", NULL);
    cr_assert(git_repository_init(&other, place, 0) == 0);
    git_repository_free(other);
    cr_assert(!studio_open(place, &error) && error.code == ERROR_INPUT);
    cr_assert(strstr(error.text, "--bare"));
    g_free(place);
}

Test(studio, editors_name_no_file_outside)
{
    static const struct {
        const char *text;
        bool stays;
    } said[] = {
        {"{\"uri\": \"file:///srv/a/b.gcx\", \"more\": [1, null, {\"rootPath\": null}]}", true},
        {"{\"uri\": \"file:///srv/a\"}", true},
        {"{\"text\": \"file:///etc/passwd\", \"newText\": \"file:///etc\"}", true},
        {"{\"uri\": \"file:///etc/passwd\"}", false},
        {"{\"uri\": \"FILE:///etc/passwd\"}", false},
        {"{\"uri\": \"file:///srv/ab/c\"}", false},
        {"{\"rootUri\": \"untitled:/srv\"}", false},
        {"{\"uri\": \"Untitled:/srv/a/b.gcx\"}", false},
        {"{\"uri\": \"file:///srv/a/../b\"}", false},
        {"{\"uri\": \"file:///srv/a/%2e%2E/b\"}", false},
        {"{\"uri\": \"file:///srv/a/x/..\"}", false},
        {"{\"all\": [[{\"file:///etc/passwd\": []}]]}", false},
        {"{\"rootPath\": \"/etc\"}", false},
        {"[\"file:///srv/a\"]", false},
        {"{\"a\": 1, \"a\": 2}", false},
        {"no JSON", false},
    };
    for (size_t at = 0; at < G_N_ELEMENTS(said); at++)
        cr_assert_eq(language_stays("file:///srv/a", said[at].text, strlen(said[at].text)), said[at].stays, "%s",
                     said[at].text);
}

/* Writes a program that stands beside this one, as those of ours beside gcxvm. Its file is gone once it was let end. */
static void program_write(char path[PATH_MAX], const char *name)
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 40);
    cr_assert_gt(length, 0);
    path[length] = '\0';
    snprintf(strrchr(path, '/') + 1, 40, "%s", name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs("#!/bin/sh\ntrap 'rm \"$0.made\"; exit 1' TERM\n: >\"$0.made\"\nwhile :; do sleep 0.05; done\n", file);
    fclose(file);
    cr_assert_eq(chmod(path, 0700), 0);
}

Test(tool, that_takes_too_long_removes_its_files, .timeout = 20)
{
    char path[PATH_MAX], made[PATH_MAX + 8];
    struct out out = {0};
    struct tool_end end;
    program_write(path, "studio-tool");
    const char *const arguments[] = {"studio-tool", NULL};
    cr_expect_not(tool_run(&(struct tool_order){.arguments = arguments, .seconds = 1, .most = 100}, -1, &out, &end));
    snprintf(made, sizeof made, "%s.made", path);
    cr_expect_str_eq(end.why, "studio-tool: it took too long, and was ended");
    cr_expect_neq(access(made, F_OK), 0, "it was not let end");
    unlink(made);
    unlink(path);
    out_free(&out);
}

/* What a program of ours complains of is told to people without its name, and not at all where it names a place. */
Test(tool, tells_no_file_and_no_server)
{
    static const struct {
        const char *why, *said;
    } cases[] = {{"gcxrecords: there is no report of calls/h; try gcxrecords --help", "there is no report of calls/h"},
                 {"it took too long, and was ended", "it took too long, and was ended"},
                 {"gcxrecords: sqlite:records.db: it is locked", NULL},
                 {"gcxrecords: /var/lib/gcx/records.db: it is locked", NULL},
                 {"gcxrecords: \"host=db user=gcx\" refuses", NULL},
                 {"gcxrecords: postgresql://gcx@db/records", NULL},
                 {"gcxrecords: the file '/tmp/x' is not there", NULL},
                 {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tool_end end = {.exit = 2};
        snprintf(end.why, sizeof end.why, "%s", cases[i].why);
        char *said = tool_sentence(&end, "gcxrecords");
        if (cases[i].said)
            cr_expect_str_eq(said, cases[i].said);
        else
            cr_expect_null(said, "%s", said);
        free(said);
    }
}
