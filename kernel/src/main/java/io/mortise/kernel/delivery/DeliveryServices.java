// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Topics;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.security.Security;

/** What delivery borrows from the broker. */
public record DeliveryServices(
        Topics topics, Security security, Clock clock, Scheduler scheduler) {}
