// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Durability;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.Map;

/**
 * A topic as it is now; one object per topic while it lives, whose answers follow the metadata. Any
 * thread.
 */
@ProviderType
public interface Topic {
    TenantId tenant();

    TopicId id();

    String name();

    /** Invisible to filters; publishing by clients is refused. */
    boolean internal();

    int partitionCount();

    /**
     * A partition that this node leads, or null if it leads it not or not yet.
     *
     * @throws IndexOutOfBoundsException below 0 or at or past {@link #partitionCount}
     */
    @Nullable Partition partition(int index);

    Durability durability();

    /** The configs set on this topic itself; the rest is default. */
    Map<String, String> configs();

    /** The value in force. */
    String config(String key);
}
