import Redis

/// The scripts: each is one step for everyone who looks on.
///
/// An entry is a hash: `e` its bytes, `n` and `p` its version, `g` its list's generation. A scope is a hash: `n` and
/// `p` the version that answers must have, `b` until when (the server's clock, in milliseconds) nothing may be filled,
/// `g` a list's generation, `c` the moment of the latest change (the server's clock, in microseconds: no two scripts
/// share one). Versions are digits of fixed width, so that comparing text compares numbers.
extension RedisCache {
    /// Keys: entry, scope, lease. Arguments: a new generation for a list that has none, the scope's lifetime, the time
    /// that an entry is kept beyond its own, the lease's token (empty: no leases) and its lifetime, n and p that an
    /// entry must have to count.
    /// Gives: role, entry, milliseconds that it counts (negative: has not counted), n, p, blocked, generation, the
    /// moment of the latest change.
    static let lookup = RedisScript(
        """
        local entry = redis.call('HMGET', KEYS[1], 'e', 'g', 'n', 'p')
        local scope = redis.call('HMGET', KEYS[2], 'n', 'p', 'b', 'g', 'c')
        local generation = scope[4] or ''
        if ARGV[1] ~= '' and generation == '' then
            generation = ARGV[1]
            redis.call('HSET', KEYS[2], 'g', generation)
            redis.call('PEXPIRE', KEYS[2], ARGV[2])
        end
        local bytes, left = '', 0
        if entry[1] and entry[2] == generation then
            bytes = entry[1]
            left = redis.call('PTTL', KEYS[1]) - ARGV[3]
            if left > 0 and entry[3] >= ARGV[6] and entry[4] >= ARGV[7] then
                return {'hit', bytes, left, '', '', 0, generation, ''}
            end
        end
        local role = 'free'
        if ARGV[4] ~= '' then
            role = 'wait'
            if redis.call('SET', KEYS[3], ARGV[4], 'NX', 'PX', ARGV[5]) then role = 'lead' end
        end
        local blocked = 0
        if scope[3] then
            local time = redis.call('TIME')
            if time[1] * 1000 + math.floor(time[2] / 1000) < tonumber(scope[3]) then blocked = 1 end
        end
        return {role, bytes, left, scope[1] or '', scope[2] or '', blocked, generation, scope[5] or ''}
        """)

    /// Keys: entry, scope, lease. Arguments: the lease's token (empty: no leases), bytes, n, p, generation, lifetime,
    /// the moment of the latest change when its reader looked.
    ///
    /// What changed since then ends a fill whatever the versions say: a commit is in the log a moment before it can be
    /// seen, and what was read in that moment has a position that says that it has the change.
    static let filling = RedisScript(
        """
        if ARGV[1] ~= '' then
            if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 'late' end
            redis.call('DEL', KEYS[3])
        end
        local scope = redis.call('HMGET', KEYS[2], 'n', 'p', 'b', 'g', 'c')
        if (scope[4] or '') ~= ARGV[5] then return 'changed' end
        if (scope[5] or '') ~= ARGV[7] then return 'changed' end
        if scope[1] and ARGV[3] < scope[1] then return 'old' end
        if scope[2] and ARGV[4] < scope[2] then return 'old' end
        if scope[3] then
            local time = redis.call('TIME')
            if time[1] * 1000 + math.floor(time[2] / 1000) < tonumber(scope[3]) then return 'blocked' end
        end
        local present = redis.call('HMGET', KEYS[1], 'n', 'p', 'g')
        if present[3] == ARGV[5] then
            if present[1] > ARGV[3] then return 'newer' end
            if present[1] == ARGV[3] and present[2] > ARGV[4] then return 'newer' end
        end
        redis.call('HSET', KEYS[1], 'e', ARGV[2], 'n', ARGV[3], 'p', ARGV[4], 'g', ARGV[5])
        redis.call('PEXPIRE', KEYS[1], ARGV[6])
        return 'kept'
        """)

    /// Key: lease. Argument: its token.
    static let releasing = RedisScript(
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """)

    /// Keys: for each change its scope and its entry. Arguments: for how long nothing may be filled after a change
    /// without a version; for each change n, p, a list's new generation, the scope's lifetime.
    static let changing = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local moment = string.format('%d%06d', time[1], time[2])
        for i = 1, #KEYS / 2 do
            local scope, entry = KEYS[i * 2 - 1], KEYS[i * 2]
            local n, p, g, life = ARGV[i * 4 - 2], ARGV[i * 4 - 1], ARGV[i * 4], ARGV[i * 4 + 1]
            local known = redis.call('HMGET', scope, 'n', 'p')
            if n ~= '' and n > (known[1] or '') then redis.call('HSET', scope, 'n', n) end
            if p ~= '' and p > (known[2] or '') then redis.call('HSET', scope, 'p', p) end
            if n == '' and p == '' then redis.call('HSET', scope, 'b', now + ARGV[1]) end
            if g ~= '' then
                redis.call('HSET', scope, 'g', g)
            else
                -- The position does not tell: a commit is in the log a moment before it can be seen, and what was read
                -- in that moment says that it has it.
                local present = redis.call('HGET', entry, 'n')
                if n == '' or (present or '') < n then redis.call('UNLINK', entry) end
            end
            -- Written even when an earlier server was faster, so that whoever keeps it in memory is told.
            redis.call('HSET', scope, 'c', moment)
            redis.call('PEXPIRE', scope, life)
        end
        return #KEYS / 2
        """)
}
