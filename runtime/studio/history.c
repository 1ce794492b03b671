/* runtime/studio/history.c - Reads the repository's commits and differences. See history.h. */
#include "runtime/studio/history.h"

#include <glib.h>
#include <string.h>

#include "base/utf8.h"

enum { LOOKED_AT_MAX = 20000 }; /* so many commits are looked at for one answer */

/* The file's id in the commit; false: it has none. */
static bool studio_entry_of(const git_commit *commit, const char *path, git_oid *id)
{
    git_tree *tree = studio_tree(commit);
    git_tree_entry *entry = NULL;
    bool there = tree && git_tree_entry_bypath(&entry, tree, path) == 0;
    if (there) git_oid_cpy(id, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    git_tree_free(tree);
    return there;
}

/* Has the commit changed the file? A merge has, if it differs from each of its parents. */
static bool studio_touches(const git_commit *commit, const char *path)
{
    git_oid is = {{0}}, was;
    bool there = studio_entry_of(commit, path, &is), same = false;
    unsigned count = git_commit_parentcount(commit);
    if (count == 0) return there;
    for (unsigned at = 0; at < count && !same; at++) {
        git_commit *parent = NULL;
        git_oid_cpy(&was, &(git_oid){{0}});
        bool then = git_commit_parent(&parent, commit, at) == 0 && studio_entry_of(parent, path, &was);
        same = then == there && git_oid_equal(&is, &was);
        git_commit_free(parent);
    }
    return !same;
}

/* Who has approved the commit at the console, where the author has not: its committer. NULL: nobody has. */
static const char *studio_approver(const git_commit *commit)
{
    const git_signature *author = git_commit_author(commit), *committer = git_commit_committer(commit);
    bool other = g_str_has_suffix(committer->email, "@console") && strcmp(committer->email, author->email) != 0;
    return other ? committer->name : NULL;
}

static json_t *studio_commit_row(const git_commit *commit)
{
    const git_signature *author = git_commit_author(commit);
    const git_oid *parent = git_commit_parent_id(commit, 0);
    char is[GIT_OID_HEXSZ + 1], before[GIT_OID_HEXSZ + 1] = "";
    if (parent) git_oid_tostr(before, sizeof before, parent);
    git_oid_tostr(is, sizeof is, git_commit_id(commit));
    const char *message = git_commit_message(commit);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s*}", "commit", is, "parent", before, "by", author->name,
                     "address", author->email, "at_ms", (json_int_t)author->when.time * 1000, "message",
                     message ? message : "", "approved_by", studio_approver(commit));
}

/* Is it only the title of what waits for approval? Such a commit has the files of its only parent. */
static bool studio_is_title(const git_commit *commit)
{
    git_commit *parent = NULL;
    bool same = !studio_approver(commit) && git_commit_parentcount(commit) == 1 &&
                git_commit_parent(&parent, commit, 0) == 0 &&
                git_oid_equal(git_commit_tree_id(parent), git_commit_tree_id(commit));
    git_commit_free(parent);
    return same;
}

json_t *studio_history(git_repository *repository, const git_commit *commit, const char *path, unsigned from,
                       struct error *error)
{
    git_revwalk *walk = NULL;
    git_oid id;
    json_t *rows = json_array();
    if (!commit) return rows;
    int code = git_revwalk_new(&walk, repository);
    if (code == 0) code = git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
    if (code == 0) code = git_revwalk_push(walk, git_commit_id(commit));
    if (code != 0) studio_git_failed(code, "history", error);
    for (unsigned looked = 0; code == 0 && looked < LOOKED_AT_MAX && json_array_size(rows) < STUDIO_COMMITS_MAX &&
                              git_revwalk_next(&id, walk) == 0;
         looked++) {
        git_commit *one = NULL;
        json_t *row = NULL;
        if (git_commit_lookup(&one, repository, &id) == 0 &&
            (path ? studio_touches(one, path)
                  : !studio_is_title(one) || git_oid_equal(git_commit_id(one), git_commit_id(commit)))) {
            if (from > 0)
                from--;
            else
                row = studio_commit_row(one); /* NULL: its words are no UTF-8 */
        }
        if (row) json_array_append_new(rows, row);
        git_commit_free(one);
    }
    git_revwalk_free(walk);
    if (code == 0) return rows;
    json_decref(rows);
    return NULL;
}

static json_t *studio_delta_row(git_diff *diff, size_t at, size_t *left)
{
    const git_diff_delta *delta = git_diff_get_delta(diff, at);
    git_patch *patch = NULL;
    git_buf text = GIT_BUF_INIT;
    const char *change = delta->status == GIT_DELTA_ADDED     ? "added"
                         : delta->status == GIT_DELTA_DELETED ? "deleted"
                         : delta->status == GIT_DELTA_RENAMED ? "renamed"
                                                              : "modified";
    if (!studio_path_good(delta->new_file.path, NULL) || !studio_path_good(delta->old_file.path, NULL)) return NULL;
    json_t *row =
        json_pack("{s:s, s:s, s:s}", "path", delta->new_file.path, "old_path", delta->old_file.path, "change", change);
    if (git_patch_from_diff(&patch, diff, at) == 0 && patch && git_patch_size(patch, 1, 1, 1) <= *left &&
        git_patch_to_buf(&text, patch) == 0 && text.size <= *left && utf8_is_text(text.ptr, (uint32_t)text.size)) {
        *left -= text.size;
        json_object_set_new(row, "patch", json_stringn(text.ptr, text.size));
    }
    git_buf_dispose(&text);
    git_patch_free(patch);
    return row;
}

json_t *studio_difference(git_repository *repository, git_tree *from, git_tree *to, const char *path,
                          struct error *error)
{
    git_diff_options options;
    git_diff *diff = NULL;
    size_t left = STUDIO_PATCH_MAX;
    char *only[] = {(char *)path};
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.max_size = STUDIO_TEXT_MAX;
    options.flags = GIT_DIFF_DISABLE_PATHSPEC_MATCH | GIT_DIFF_IGNORE_SUBMODULES;
    if (path) options.pathspec = (git_strarray){only, 1};
    int code = git_diff_tree_to_tree(&diff, repository, from, to, &options);
    if (code == 0) code = git_diff_find_similar(diff, NULL);
    if (code != 0) {
        studio_git_failed(code, "difference", error);
        return NULL;
    }
    json_t *rows = json_array();
    for (size_t at = 0; at < git_diff_num_deltas(diff) && at < STUDIO_FILES_MAX; at++) {
        json_t *row = studio_delta_row(diff, at, &left);
        if (row) json_array_append_new(rows, row);
    }
    git_diff_free(diff);
    return rows;
}
