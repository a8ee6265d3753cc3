// self and navigator, as a dedicated worker of a browser has them.
//
// Source: HTML, "WorkerGlobalScope" and "WorkerNavigator".
(function (gharial) {
  'use strict';
  class WorkerNavigator {
    get userAgent() {
      return gharial.host.userAgent();
    }

    get appCodeName() {
      return 'Mozilla';
    }

    get appName() {
      return 'Netscape';
    }

    get product() {
      return 'Gecko';
    }

    get platform() {
      return '';
    }

    get language() {
      return 'en-US';
    }

    get languages() {
      return Object.freeze(['en-US']);
    }

    get onLine() {
      return true;
    }

    // A virtual user has a share of one core.
    get hardwareConcurrency() {
      return 1;
    }
  }
  gharial.expose(WorkerNavigator);
  gharial.define('self', globalThis);
  gharial.define('navigator', new WorkerNavigator());
})
