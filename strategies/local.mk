## strategies
