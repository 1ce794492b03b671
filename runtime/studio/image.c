/* runtime/studio/image.c - Builds images of published commits, and asks gcxctl what one would have done. See image.h.
 */
#include "runtime/studio/image.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "runtime/studio/check.h"

enum { IMAGES_KEPT = 20 };
enum {
    BUILD_SECONDS = 60,
    BUILD_BYTES_MAX = 64 * 1024,
    WHAT_IF_SECONDS = 180,
    WHAT_IF_BYTES_MAX = 1024 * 1024,
    SHADOW_MORE_SECONDS = 60
};

char *studio_image_path(const char *folder, const char *commit)
{
    bool good = strlen(commit) == GIT_OID_HEXSZ;
    for (const char *at = commit; good && *at; at++) good = g_ascii_isxdigit(*at) && !g_ascii_isupper(*at);
    if (!good) return NULL;
    char *whole = g_canonicalize_filename(folder, NULL), *file = g_strconcat(commit, "-" PACKAGE_VERSION ".gcxb", NULL);
    char *path = g_build_filename(whole, "images", file, NULL);
    g_free(whole);
    g_free(file);
    return path;
}

struct studio_image { /* a file of the folder of images */
    char *path;
    time_t used; /* when it was last asked for */
};

static void studio_image_free(gpointer data)
{
    struct studio_image *image = data;
    g_free(image->path);
    g_free(image);
}

static gint studio_images_newest_first(gconstpointer a, gconstpointer b)
{
    const struct studio_image *one = *(struct studio_image *const *)a, *other = *(struct studio_image *const *)b;
    return (one->used < other->used) - (one->used > other->used);
}

/* Removes all images but those that were asked for last. A rollout that is open was asked for lately, and gcxvm keeps
 * its own copy of each image that it has loaded. */
static void studio_images_prune(const char *below)
{
    GPtrArray *images = g_ptr_array_new_with_free_func(studio_image_free);
    GDir *folder = g_dir_open(below, 0, NULL);
    const char *name;
    struct stat state;
    while (folder && (name = g_dir_read_name(folder))) {
        char *path = g_build_filename(below, name, NULL);
        if (g_str_has_suffix(name, ".gcxb") && lstat(path, &state) == 0 && S_ISREG(state.st_mode)) {
            struct studio_image *image = g_new0(struct studio_image, 1);
            *image = (struct studio_image){g_steal_pointer(&path), state.st_mtime};
            g_ptr_array_add(images, image);
        }
        g_free(path);
    }
    if (folder) g_dir_close(folder);
    g_ptr_array_sort(images, studio_images_newest_first);
    for (unsigned at = IMAGES_KEPT; at < images->len; at++)
        (void)unlink(((struct studio_image *)images->pdata[at])->path);
    g_ptr_array_free(images, TRUE);
}

/* Is the commit HEAD's, or one before it? */
static bool studio_is_published(git_repository *repository, const git_commit *commit, struct error *error)
{
    git_commit *head = NULL;
    if (!studio_commit_of(repository, "HEAD", &head, error)) return false;
    bool is = head && (git_oid_equal(git_commit_id(head), git_commit_id(commit)) ||
                       git_graph_descendant_of(repository, git_commit_id(head), git_commit_id(commit)) == 1);
    git_commit_free(head);
    return is || error_set(error, ERROR_STATE, "This version is not published: somebody has to approve it first.");
}

/* Has gcxc write the image to another name, which becomes the image's own. */
static bool studio_build_into(git_repository *repository, const git_commit *commit, const char *path, int stop,
                              struct error *error)
{
    char *made = g_strconcat(path, ".new", NULL), *below = g_path_get_dirname(path);
    git_tree *tree = studio_tree(commit);
    char *folder = studio_folder(repository, tree, NULL, error);
    struct out said = {0};
    const char *const arguments[] = {"gcxc", "build", ".", "-o", made, NULL};
    bool good = folder != NULL;
    if (good && mkdir(below, 0755) != 0 && errno != EEXIST)
        good = error_set(error, ERROR_SYSTEM, "%.150s: %s", below, g_strerror(errno));
    int code = good ? studio_tool(folder, arguments, true, BUILD_SECONDS, BUILD_BYTES_MAX, stop, &said, error) : -1;
    if (code > 0)
        error_set(error, ERROR_STATE, "gcxc does not build it: %.*s",
                  (int)utf8_cut(said.bytes ? said.bytes : "", said.length, 180), said.bytes ? said.bytes : "");
    good = code == 0;
    if (good && rename(made, path) != 0) good = error_set(error, ERROR_SYSTEM, "%.150s: %s", path, g_strerror(errno));
    if (good) studio_images_prune(below);
    out_free(&said);
    studio_folder_end(folder);
    git_tree_free(tree);
    g_free(below);
    g_free(made);
    return good;
}

json_t *studio_build(git_repository *repository, const char *folder, const char *commit, int stop, struct error *error)
{
    git_commit *found = NULL;
    if (!studio_version(repository, commit, "", &found, error)) return NULL;
    char *path = found ? studio_image_path(folder, git_oid_tostr_s(git_commit_id(found))) : NULL;
    bool good = path ? studio_is_published(repository, found, error)
                     : error_set(error, ERROR_STATE, "Nothing is published yet.");
    /* One that is there becomes the newest. */
    if (good && utimensat(AT_FDCWD, path, NULL, 0) != 0) good = studio_build_into(repository, found, path, stop, error);
    json_t *answer = good ? json_pack("{s:s}", "commit", git_oid_tostr_s(git_commit_id(found))) : NULL;
    g_free(path);
    git_commit_free(found);
    return answer;
}

/* What gcxctl prints about the image at `path`, with the commit in place of the path: {text}. NULL with the reason. */
static json_t *studio_image_says(const char *const *arguments, const char *admin, const char *path, const char *commit,
                                 unsigned seconds, int stop, struct error *error)
{
    struct out said = {0};
    json_t *answer = NULL;
    struct stat state;
    if (!*admin)
        error_set(error, ERROR_STATE, "The desk's setting `admin` is not set: gcxvm cannot be asked.");
    else if (!path || stat(path, &state) != 0)
        error_set(error, ERROR_UNKNOWN, "There is no image of this version: build it first.");
    else if (studio_tool(NULL, arguments, true, seconds, WHAT_IF_BYTES_MAX, stop, &said, error) >= 0) {
        char **parts = g_strsplit(said.bytes ? said.bytes : "", path, -1), *text = g_strjoinv(commit, parts);
        answer = json_pack("{s:s}", "text", text);
        g_free(text);
        g_strfreev(parts);
        if (!answer) error_set(error, ERROR_INPUT, "gcxctl has said what is no text.");
    }
    out_free(&said);
    return answer;
}

json_t *studio_what_if(const char *folder, const char *admin, const char *commit, const char *point, const char *since,
                       int stop, struct error *error)
{
    char *path = studio_image_path(folder, commit);
    const char *const arguments[] = {
        "gcxctl", "--socket", admin, "what-if", path, "--since", since, "--no-load", point ? "--point" : NULL,
        point,    NULL};
    json_t *answer = studio_image_says(arguments, admin, path, commit, WHAT_IF_SECONDS, stop, error);
    g_free(path);
    return answer;
}

json_t *studio_shadow(const char *folder, const char *admin, const char *commit, const char *point, unsigned seconds,
                      int stop, struct error *error)
{
    char *path = studio_image_path(folder, commit), *lasts = g_strdup_printf("%us", seconds);
    const char *const arguments[] = {"gcxctl", "--socket", admin, "shadow", "--for", lasts, "--", point, path, NULL};
    json_t *answer = studio_image_says(arguments, admin, path, commit, seconds + SHADOW_MORE_SECONDS, stop, error);
    g_free(lasts);
    g_free(path);
    return answer;
}
