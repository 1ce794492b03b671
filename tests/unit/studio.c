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

Test(studio, both_texts_stand_where_both_have_changed_the_same_lines)
{
    struct error error = {0};
    char *gcx = id_of(saves(&marie, "a.gcx", "one\ntwo\nthree\n", "")),
         *csv = id_of(saves(&marie, "b.csv", "one\n", ""));
    pushed(&marie);
    saved(&paul, "a.gcx", "one\n2\nthree\n", gcx);
    saved(&marie, "a.gcx", "one\nzwei\nthree\n", gcx);
    pushed(&marie);
    json_t *both = json_array();
    cr_assert(studio_update(repository, &paul, both, &error), "%s", error.text);
    cr_assert_eq(json_array_size(both), 1);
    is_text("draft", &paul, "a.gcx", "one\n<<<<<<< published\nzwei\n=======\n2\n>>>>>>> draft\nthree\n");
    /* What gcxc does not read is not written so: nobody would be told of the lines. */
    saved(&paul, "b.csv", "1\n", csv);
    saved(&marie, "b.csv", "eins\n", csv);
    pushed(&marie);
    cr_assert(!studio_update(repository, &paul, both, &error) && error.code == ERROR_STATE);
    cr_assert(strstr(error.text, "b.csv"), "%s", error.text);
    is_text("draft", &paul, "b.csv", "1\n");
    json_decref(both);
    g_free(gcx);
    g_free(csv);
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
