// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import io.mortise.kernel.config.MetadataConfig.Carrier;
import io.mortise.kernel.config.MetadataConfig.Peer;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads mortise.yaml. */
public final class BrokerConfigReader {
    private static final List<String> ROLES = List.of("meta", "journal", "broker");

    private final String file;

    private BrokerConfigReader(String file) {
        this.file = file;
    }

    /**
     * Reads a configuration.
     *
     * @param file for messages
     * @param text YAML; empty for the defaults
     */
    public static BrokerConfig read(String file, String text) throws ConfigException {
        return new BrokerConfigReader(file).read(new Section(file, "", Yaml.parse(file, text)));
    }

    private BrokerConfig read(Section root) throws ConfigException {
        int nodeId = root.integer("nodeId", 0, 0, Integer.MAX_VALUE);
        roles(root);
        int cores = Runtime.getRuntime().availableProcessors();
        int eventLoops = root.integer("eventLoops", Math.min(2, cores), 1, 1_024);
        Map<String, ListenerConfig> listeners = listeners(root.section("listeners"));
        TopicPolicy topics = topics(root.section("topics"));
        LogsConfig logs = LogsConfig.read(root.section("logs"));
        Map<String, PluginSection> plugins = plugins(root.section("plugins"));
        Section security = root.section("security");
        boolean anonymous = security.flag("anonymous", true);
        String where = where(security, "anonymous", "security.anonymous");
        boolean signed = security.flag("requireSignedPlugins", false);
        security.done();
        MetadataConfig metadata = metadata(root.section("metadata"), nodeId);
        Section state = root.section("state");
        String index = state.text("index", BrokerConfig.IN_MEMORY);
        String indexWhere = where(state, "index", "state.index");
        state.done();
        root.done();
        return new BrokerConfig(
                nodeId,
                eventLoops,
                listeners,
                topics,
                logs,
                plugins,
                metadata,
                anonymous,
                where,
                signed,
                index,
                indexWhere);
    }

    private void roles(Section root) throws ConfigException {
        Set<String> roles = new TreeSet<>(root.list("roles", ROLES));
        if (!roles.equals(new TreeSet<>(ROLES))) {
            throw root.fault(
                    "roles",
                    "value "
                            + roles
                            + " is not allowed; allowed: "
                            + ROLES
                            + " (nodes with fewer roles are not supported yet)");
        }
    }

    private Map<String, ListenerConfig> listeners(Section section) throws ConfigException {
        Map<String, ListenerConfig> listeners = new LinkedHashMap<>();
        for (String name : section.keys()) {
            listeners.put(name, listener(name, section.section(name)));
        }
        return listeners;
    }

    private ListenerConfig listener(String name, Section section) throws ConfigException {
        List<String> bind = section.list("bind", ListenerConfig.LOOPBACK);
        if (bind.isEmpty()) {
            throw section.fault("bind", "names no address");
        }
        int port = section.integer("port", 0, 1, 65_535);
        String advertised = section.optional("advertised");
        ListenerConfig.Tls tls = section.has("tls") ? tls(section.section("tls")) : null;
        int most =
                section.integer(
                        "maxConnections", ListenerConfig.MAX_CONNECTIONS, 1, Integer.MAX_VALUE);
        String where = where(section, "bind", "listeners." + name + ".bind");
        section.done();
        return new ListenerConfig(name, bind, port, advertised, tls, most, where);
    }

    private static ListenerConfig.Tls tls(Section section) throws ConfigException {
        ListenerConfig.Tls tls =
                new ListenerConfig.Tls(section.required("certificate"), section.required("key"));
        section.done();
        return tls;
    }

    private static TopicPolicy topics(Section section) throws ConfigException {
        Section autoCreate = section.section("autoCreate");
        boolean enabled = autoCreate.flag("enabled", TopicPolicy.DEFAULT.autoCreate());
        int limit =
                autoCreate.integer(
                        "limit", TopicPolicy.DEFAULT.autoCreateLimit(), 0, Integer.MAX_VALUE);
        autoCreate.done();
        Section defaults = section.section("defaults");
        int partitions =
                defaults.integer(
                        "partitions",
                        TopicPolicy.DEFAULT.partitions(),
                        1,
                        TopicPolicy.MAX_PARTITIONS);
        section.done();
        return new TopicPolicy(partitions, configs(defaults), enabled, limit);
    }

    /** Each by itself first, so that the fault has the line of the one that is wrong. */
    private static Map<String, String> configs(Section defaults) throws ConfigException {
        Map<String, String> configs = defaults.flattened();
        configs.remove("partitions");
        for (Map.Entry<String, String> config : configs.entrySet()) {
            try {
                TopicPolicy.checkDefault(config.getKey(), config.getValue());
            } catch (RefusedException e) {
                throw defaults.fault(config.getKey(), e.refusal().message());
            }
        }
        return configs;
    }

    private Map<String, PluginSection> plugins(Section section) throws ConfigException {
        Map<String, PluginSection> plugins = new LinkedHashMap<>();
        for (String id : section.keys()) {
            Section plugin = section.section(id);
            plugins.put(
                    id, new PluginSection(plugin.flattened(), file + " line " + section.line(id)));
        }
        return plugins;
    }

    private MetadataConfig metadata(Section section, int nodeId) throws ConfigException {
        Carrier carrier = section.choice("carrier", Carrier.class, Carrier.LOCAL);
        List<Peer> peers = new ArrayList<>();
        for (String peer : section.list("peers", List.of())) {
            peers.add(peer(section, peer));
        }
        String clusterId = section.optional("clusterId");
        section.done();
        if (carrier == Carrier.LOCAL) {
            alone(section);
        } else {
            grouped(section, nodeId, clusterId, peers);
        }
        return new MetadataConfig(carrier, clusterId, peers);
    }

    private static void alone(Section section) throws ConfigException {
        for (String key : List.of("peers", "clusterId")) {
            if (section.has(key)) {
                throw section.fault(key, "only the carrier 'ratis' has it");
            }
        }
    }

    private static void grouped(
            Section section, int nodeId, @Nullable String clusterId, List<Peer> peers)
            throws ConfigException {
        if (peers.stream().noneMatch(peer -> peer.id() == nodeId)) {
            throw section.fault(
                    "peers", "name every node as id@host:port, this one (" + nodeId + ") too");
        }
        if (clusterId == null || !clusterId.matches("[A-Za-z0-9_-]{22}")) {
            throw section.fault(
                    "clusterId",
                    "needed, 22 characters of [A-Za-z0-9_-], the same on every node: that of the"
                            + " node with the lowest id if it has data (data/meta.properties), else"
                            + " any");
        }
    }

    private static Peer peer(Section section, String text) throws ConfigException {
        int at = text.indexOf('@');
        int colon = text.lastIndexOf(':');
        try {
            if (at > 0 && colon > at + 1) {
                return new Peer(
                        Integer.parseInt(text.substring(0, at)),
                        text.substring(at + 1, colon),
                        Integer.parseInt(text.substring(colon + 1)));
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw section.fault("peers", "value '" + text + "' is not allowed; allowed: id@host:port");
    }

    private String where(Section section, String key, String path) {
        return section.keys().contains(key)
                ? file + " line " + section.line(key) + ": " + path
                : file + ": " + path + " (not set)";
    }
}
