# SPDX-License-Identifier: Apache-2.0
# The Debian package: `./dev package`, or `cpack -G DEB` in a build folder that has the program.
include(GNUInstallDirs)

set(doc_folder "${CMAKE_INSTALL_DATAROOTDIR}/doc/millrace")
# One unit for each pipeline: millrace@NAME runs /etc/millrace/NAME.yaml.
install(FILES "${CMAKE_SOURCE_DIR}/config/systemd/millrace@.service"
  DESTINATION lib/systemd/system)
# A pipeline to begin with. Nothing starts it; what an administrator changes in it is kept.
install(FILES "${CMAKE_SOURCE_DIR}/config/user-login.yaml" DESTINATION /etc/millrace)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/config/pipelines" "${CMAKE_SOURCE_DIR}/config/kubernetes"
  DESTINATION "${doc_folder}/examples")
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" DESTINATION "${doc_folder}" RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME millrace)
set(CPACK_PACKAGE_VENDOR Millrace)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "checks, cleans and counts Kafka topics of JSON records")
set(CPACK_PACKAGE_DESCRIPTION
  "Millrace reads Kafka topics of JSON records, checks and cleans them on all cores,
and writes them on in the order they came, exactly once. Records that do not fit
go to a dead-letter topic with the reason, and a report says what was seen.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# Targets are built before; without this, packing would build the tests too.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The developers of Millrace")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Time zones by name are read from the system's tzdata; shlibdeps cannot know that.
set(CPACK_DEBIAN_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "tzdata-legacy, libsasl2-modules-gssapi-mit")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_LIST_DIR}/debian/conffiles" "${CMAKE_CURRENT_LIST_DIR}/debian/postinst"
  "${CMAKE_CURRENT_LIST_DIR}/debian/prerm" "${CMAKE_CURRENT_LIST_DIR}/debian/postrm")
include(CPack)
