// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Rights BOOTSTRAP allow|forbid PRINCIPAL;RESOURCE;NAME;OPERATION[,OPERATION...] ...
 *
 *  Grants them, or takes them away: many at once, where Kafka's own tool starts once for each. */
public final class Rights {
  public static void main(String[] arguments) throws Exception {
    List<AclBinding> bindings = new ArrayList<>();
    for (int i = 2; i < arguments.length; ++i) {
      String[] parts = arguments[i].split(";");
      for (String operation : parts[3].split(",")) {
        bindings.add(new AclBinding(
            new ResourcePattern(ResourceType.valueOf(parts[1]), parts[2], PatternType.LITERAL),
            new AccessControlEntry(parts[0], "*", AclOperation.valueOf(operation),
                AclPermissionType.ALLOW)));
      }
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
      if (arguments[1].equals("allow")) {
        admin.createAcls(bindings).all().get();
      } else {
        admin.deleteAcls(bindings.stream().map(AclBinding::toFilter).toList()).all().get();
      }
    }
  }
}
