# tests/quick/common.sh - What the two commands share: packages and builds. Sourced by bash with $top set.
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# One at a time builds in this tree: another waits until it has ended, or says together. Holds the folder, descriptor 9.
alone() {
    exec 9<"$top" || die "cannot read $top"
    flock --nonblock 9 && return
    say "Another quickstart works in this tree: waiting for it"
    flock 9
}
together() { exec 9<&-; }
at_exit() { :; }

# watched LOG PATTERN WHAT COMMAND...: its output goes to the log; says now and then how many lines have the pattern.
watched() {
    local log=$1 pattern=$2 what=$3 watcher status; shift 3
    : >"$log"
    progress "$log" "$pattern" "$what" 9<&- & watcher=$!
    trap "kill $watcher 2>/dev/null; at_exit" EXIT # which is how it ends at Ctrl-C, too
    "$@" >"$log" 2>&1 9<&-; status=$?
    trap at_exit EXIT
    kill "$watcher" 2>/dev/null; wait "$watcher" 2>/dev/null
    return $status
}
progress() {
    local count=0 now pipe
    exec {pipe}<> <(:) # nothing ever comes: a sleep that leaves no process behind
    while true; do
        read -r -t 5 -u "$pipe"
        now=$(grep -cE -- "$2" "$1" 2>/dev/null)
        [ "$now" -gt "$count" ] && printf '    %s %s\n' "$now" "$3"
        count=$now
    done
}

# Installs the packages of these purposes (tests/packages) that are not there yet. Says which.
install_packages() {
    command -v dpkg-query >/dev/null || die "this is not Debian: install what tests/packages lists by your own means, then build with ./autogen.sh, configure, make"
    local purpose wanted=() missing=() package
    for purpose; do
        read -ra packages < <(sed -n "s/^$purpose  *//p" "$top/tests/packages")
        wanted+=("${packages[@]}")
    done
    for package in "${wanted[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        die "needs root for that, and there is no sudo. As root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    # The tests start servers of their own: a PostgreSQL that comes now shall not make and start one.
    local none=/etc/postgresql-common/createcluster.d/gcx-none.conf
    case " ${missing[*]} " in *" postgresql-15 "*) echo 'create_main_cluster = false' | as_root install -D -m 644 /dev/stdin "$none" ;; esac
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || die "apt-get update failed: is there a network?"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        die "apt-get could not install: ${missing[*]}"
    [ ! -f "$none" ] || as_root rm "$none"
}

# unpack_packages FOLDER: each package of the purpose `unpacked` is unpacked there, in a folder of its name. Without a network
# its tests are skipped.
unpack_packages() {
    local package packages
    mkdir -p "$1"
    read -ra packages < <(sed -n 's/^unpacked  *//p' "$top/tests/packages")
    for package in "${packages[@]}"; do
        [ ! -d "$1/$package" ] || continue
        (cd "$1" && apt-get download -qq "$package" && dpkg -x "$package"_*.deb "$package.new" && mv "$package.new" "$package") >/dev/null 2>&1 ||
            say "$package cannot be had: its tests are skipped"
        rm -rf "$1/$package"_*.deb "$1/$package.new"
    done
}

# What configure looks for: of any other package a build knows nothing.
packages_there() {
    { sed -n 's/^build  *//p' "$top/tests/packages"; echo libcriterion-dev libspandsp-dev clang libclang-rt-14-dev gcovr; } |
        xargs dpkg-query -W -f '${Package} ${Version}\n' 2>/dev/null
}

# generate DIR: there is a configure of this tree; a log of it in DIR. Makefile.in is what autogen.sh makes last: it may have
# been interrupted. A tree of before has no lists of sources.
generate() {
    [ -x configure ] && [ -f sources.mk ] && [ ! configure.ac -nt configure ] && [ ! configure.ac -nt Makefile.in ] && return
    say "Making configure"
    ./autogen.sh >"$1/autogen.log" 2>&1 || { cat "$1/autogen.log"; die "autogen.sh failed"; }
}

# build DIR [configure's arguments]: makes everything in DIR, or $targets where that is set. Configures where that has not
# been done, was done with other packages, or with other arguments (none: whichever they were).
build() {
    local dir=$1; shift
    mkdir -p "$dir"
    if [ -f "$dir/Makefile" ] && [ $# -gt 0 ] && [ "$*" != "$(cat "$dir/configured.with" 2>/dev/null)" ]; then
        make -C "$dir" -s --no-print-directory clean >/dev/null 2>&1
        rm -f "$dir/Makefile"
    fi
    packages_there | cmp -s - "$dir/configured.for" || rm -f "$dir/Makefile"
    generate "$dir"
    # libtool is what configure makes last: it may have been interrupted.
    if [ ! -f "$dir/Makefile" ] || [ ! -f "$dir/libtool" ]; then
        say "Configuring $dir"
        # Lines and names of functions are what a newcomer's debugger needs; the rest takes a sixth of the time.
        [ $# -gt 0 ] || [ -n "${CFLAGS+set}" ] || set -- CFLAGS='-g1 -O2' LDFLAGS=-fuse-ld=gold
        (cd "$dir" && ../configure "$@" >configure.log 2>&1) || { tail -n 20 "$dir/configure.log"; die "configure failed: see $dir/config.log"; }
        echo "$*" >"$dir/configured.with"
        packages_there >"$dir/configured.for"
    fi
    say "Building in $dir ($jobs jobs)"
    watched "$dir/make.log" '^ +(CC|CCLD) ' "files compiled" make -C "$dir" -j"$jobs" --no-print-directory "LIBTOOL=$top/tests/quick/libtool.sh" ${targets-} || { tail -n 40 "$dir/make.log"; die "make failed: see $dir/make.log"; }
}
