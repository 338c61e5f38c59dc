import CSystemShims
import Foundation

/// The C library's lists of what a new process does before its program runs, which differ between Linux and macOS.
struct SpawnActions {
    #if os(Linux)
        private var actions = posix_spawn_file_actions_t()
        private var attributes = posix_spawnattr_t()
    #else
        private var actions: posix_spawn_file_actions_t?
        private var attributes: posix_spawnattr_t?
    #endif

    init() {
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        // Blocked or ignored signals are inherited over exec, and a node must not inherit ours.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGKILL)
        sigdelset(&all, SIGSTOP)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = Int32(seaworthy_spawn_new_session()) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        #if os(Linux)
            posix_spawnattr_setflags(&attributes, Int16(flags))
        #else
            posix_spawnattr_setflags(&attributes, Int16(flags | POSIX_SPAWN_CLOEXEC_DEFAULT))
        #endif
    }

    mutating func open(_ descriptor: Int32, _ path: String, _ flags: Int32) {
        posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o644)
    }

    mutating func copy(_ descriptor: Int32, to copy: Int32) {
        posix_spawn_file_actions_adddup2(&actions, descriptor, copy)
    }

    /// macOS closes them by POSIX_SPAWN_CLOEXEC_DEFAULT.
    mutating func closeAbove(_ descriptor: Int32) {
        _ = seaworthy_spawn_close_from(&actions, descriptor + 1)
    }

    mutating func change(to directory: String) {
        _ = seaworthy_spawn_chdir(&actions, directory)
    }

    /// - Returns: 0 or an error number.
    mutating func spawn(
        _ program: String, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
        _ envp: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ pid: inout pid_t
    ) -> Int32 {
        posix_spawnp(&pid, program, &actions, &attributes, argv, envp)
    }

    mutating func destroy() {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
}
